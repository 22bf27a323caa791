// What stands below the waterfall: turns, agents, tools and models.

function turnPlots(items, choose) {
  const turns = items.flatMap((item, at) => (item.kind === "turn" && item.tokens ? [{ item, at }] : []));
  byId("turns").hidden = turns.length === 0;
  if (!turns.length) return;
  const row = ({ item, at }) => ({
    at, label: nameOf(item), short: String(item.turn ?? ""), detail: plain(summaryOf(item)).slice(0, 90),
    values: { ...Object.fromEntries(TOKEN_KINDS.map((kind) => [kind.key, item.tokens[kind.key]])), cost: item.cost?.usd, ratio: hitRatio(item.tokens) },
  });
  const rows = turns.map(row);
  const shared = { rows, pick: (one) => choose(one.at), tick: (bin) => bin.short ?? "" };
  plot(byId("plot-tokens"), { ...shared, title: "Tokens by turn", series: TOKEN_KINDS, show: compact });
  plot(byId("plot-cost"), { ...shared, title: "Cost by turn", series: [{ key: "cost", title: "Cost", colour: "cost" }], show: dollars, height: 104 });
  plot(byId("plot-cache"), { ...shared, title: "Input from the cache, by turn", series: [{ key: "ratio", title: "From the cache", colour: "cache_read" }],
    show: percent, most: 1, height: 104, join: (some) => {
      const sums = sumOf(some);
      const input = (sums.input ?? 0) + (sums.cache_read ?? 0) + (sums.cache_creation ?? 0);
      return { ...sums, ratio: input ? sums.cache_read / input : undefined };
    } });
}

function toolTable(items, search) {
  const tools = new Map();
  for (const item of items) {
    if (item.kind !== "tool") continue;
    const tool = tools.get(item.name) ?? { name: item.name, calls: 0, failed: 0, stopped: 0, took: [], total: 0 };
    tools.set(item.name, tool);
    const took = item.end_unix_ms - item.start_unix_ms;
    tool.calls += 1;
    tool.failed += item.standing === "failed" ? 1 : 0;
    tool.stopped += item.standing === "stopped" ? 1 : 0;
    tool.took.push(took);
    tool.total += took;
  }
  byId("tools").hidden = tools.size === 0;
  const rows = [...tools.values()];
  rows.forEach((tool) => tool.took.sort((a, b) => a - b));
  const most = Math.max(...rows.map((tool) => tool.total));
  const number = (key, title, value, show = count) => ({ key, title, numeric: true, value, show: (tool) => show(value(tool)) });
  const bad = (key, title) => ({ key, title, numeric: true, value: (tool) => tool[key], show: (tool) => (tool[key] ? make("span.bad", {}, count(tool[key])) : "0") });
  sortable(byId("tool-table"), {
    caption: "Tools", rows, sortBy: "total", pick: (tool) => search(tool.name), describePick: "search the waterfall for it",
    columns: [{ key: "name", title: "Tool", value: (tool) => tool.name }, number("calls", "Calls", (tool) => tool.calls), bad("failed", "Failed"), bad("stopped", "Stopped"),
      { key: "total", title: "Total", numeric: true, value: (tool) => tool.total, show: (tool) => barred(duration(tool.total), tool.total / most, "tool") },
      number("p50", "p50", (tool) => quantile(tool.took, 0.5), duration), number("p95", "p95", (tool) => quantile(tool.took, 0.95), duration),
      number("longest", "Longest", (tool) => tool.took[tool.took.length - 1], duration)],
  });
}

function modelTable(models) {
  const rows = Object.entries(models ?? {}).map(([name, use]) => ({ name, ...use }));
  byId("models").hidden = rows.length === 0;
  const most = Math.max(...rows.map((model) => model.cost.usd ?? 0));
  const tokens = TOKEN_KINDS.map((kind) => ({ key: kind.key, title: kind.title, numeric: true, value: (model) => model.tokens[kind.key], show: (model) => compact(model.tokens[kind.key]) }));
  sortable(byId("model-table"), {
    caption: "Models", rows, sortBy: "cost",
    columns: [{ key: "name", title: "Model", value: (model) => model.name }, { key: "calls", title: "Calls", numeric: true, value: (model) => model.calls, show: (model) => count(model.calls) }, ...tokens,
      { key: "ratio", title: "From the cache", numeric: true, value: (model) => hitRatio(model.tokens), show: (model) => percent(hitRatio(model.tokens)) },
      { key: "cost", title: "Cost", numeric: true, value: (model) => model.cost.usd, show: (model) => barred(money(model.cost), (model.cost.usd ?? 0) / most, "cost") }],
  });
}

// Agents below the agents that started them.
function agentTree(items, choose) {
  const agents = items.flatMap((item, at) => (item.kind === "agent" ? [at] : []));
  byId("agents").hidden = agents.length === 0;
  const above = (at) => {
    let up = items[at].parent;
    while (up !== undefined && items[up].kind !== "agent") up = items[up].parent;
    return up;
  };
  const depth = new Map(), children = new Map(), calls = new Map();
  agents.forEach((at) => depth.set(at, (depth.get(above(at)) ?? -1) + 1));
  agents.forEach((at) => children.set(above(at), [...(children.get(above(at)) ?? []), at]));
  items.forEach((item, at) => {
    const owner = item.kind === "agent" ? undefined : above(at);
    if (owner === undefined) return;
    const sum = calls.get(owner) ?? { llm_call: 0, tool: 0 };
    calls.set(owner, sum);
    sum[item.kind] += 1;
  });
  const folded = new Set();
  const body = make("tbody");
  const line = (at) => {
    const item = items[at], kids = children.get(at), own = calls.get(at) ?? { llm_call: 0, tool: 0 };
    const toggle = kids ? make("button.fold", { type: "button", "aria-expanded": String(!folded.has(at)), "aria-label": `agents of ${item.name}`, onclick: () => {
      if (!folded.delete(at)) folded.add(at);
      fill();
      body.querySelector(`[data-at="${at}"]`)?.focus();
    }, "data-at": at }, folded.has(at) ? "\u25b8" : "\u25be") : make("span.fold");
    const name = make("th.name", { scope: "row" }, toggle, make("span.glyph", { "aria-hidden": "true" }), make("button.link", { type: "button", onclick: () => choose(at) }, item.name), make("span.about", {}, " " + summaryOf(item)));
    name.style.paddingLeft = `${8 + Math.min(12, depth.get(at)) * 18}px`;
    return make("tr.k-agent", {}, name, make("td.number", {}, isKnown(item.turn) ? count(item.turn) : UNKNOWN), make("td", {}, item.standing === "done" ? words(item.outcome ?? "done") : make(`span.chip.is-${item.standing}`, {}, words(item.outcome ?? item.standing))),
      make("td.number", {}, count(own.llm_call)), make("td.number", {}, count(own.tool)), make("td.number", {}, item.tokens ? compact(total(item.tokens)) : UNKNOWN), make("td.number", {}, money(item.cost)), make("td.number", {}, duration(item.end_unix_ms - item.start_unix_ms)));
  };
  const fill = () => {
    const lines = [], stack = [...(children.get(undefined) ?? [])].reverse();
    while (stack.length && lines.length < 2000) {
      const at = stack.pop();
      lines.push(line(at));
      if (!folded.has(at)) stack.push(...[...(children.get(at) ?? [])].reverse());
    }
    refill(body, lines);
  };
  fill();
  const heads = ["Agent", "Turn", "Outcome", "Model calls", "Tool calls", "Tokens", "Cost", "Duration"];
  refill(byId("agent-table"), make("div.wide", { tabindex: 0, role: "region", "aria-label": "Agents" }, make("table.data", {}, make("caption.unseen", {}, "Agents"),
    make("thead", {}, make("tr", {}, heads.map((title, place) => make(place === 0 || place === 2 ? "th" : "th.number", { scope: "col" }, title)))), body)));
}
