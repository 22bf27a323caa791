// Puts the report's page together.

function startReport(report) {
  startTheme();
  const { period, totals } = report;
  const from = period.first_unix_ms, to = period.last_unix_ms;
  const isUtc = period.days === "utc";
  const dayOf = (ms) => (isUtc ? new Date(ms).toISOString().slice(0, 10) : day(ms));
  const range = !isKnown(from) ? "nothing" : dayOf(from) === dayOf(to) ? dayOf(from) : `${dayOf(from)} \u2013 ${dayOf(to)}`;
  document.title = `Report ${range} \u00b7 claude-otel`;
  refill(byId("title"), isKnown(from) ? range : "Nothing happened in the period");
  const asked = isKnown(period.since_unix_ms) || isKnown(period.until_unix_ms)
    ? `asked for ${isKnown(period.since_unix_ms) ? moment(period.since_unix_ms).slice(0, 16) : "the beginning"} \u2013 ${isKnown(period.until_unix_ms) ? moment(period.until_unix_ms).slice(0, 16) : "now"}` : null;
  refill(byId("subtitle"), ["Usage of Claude Code", asked, isUtc ? "days in UTC" : "days in local time"].filter(Boolean).map((fact) => make("span", {}, fact)));
  refill(byId("figures"), reportFigures(report));
  refill(byId("notes"), reportNotes(report).map((note) => make("li", {}, note)));
  byId("notes").hidden = !byId("notes").firstChild;
  dayPlots(report.days);
  waitBars(report.waits);
  groupTable("project", "Projects", report.projects);
  groupTable("branch", "Branches", report.branches);
  models(report.models);
  tools(report.tools);
  endings(report.errors);
}

function figure(title, value, detail, isBadNews) {
  return make("div.figure", {}, make("dt", {}, title), make(isBadNews ? "dd.troubled" : "dd", {}, value, detail ? make("small", {}, detail) : null));
}

function reportFigures({ totals, hidden_cost: hidden, cache_hit_ratio: ratio, errors }) {
  return [
    figure("Cost", money(totals.cost), hidden && isKnown(hidden.usd) ? `+ ${money(hidden)} not on record` : "by list price"),
    figure("Tokens", compact(total(totals.tokens)), `${compact(totals.tokens.output)} out${totals.tokens.is_lower_bound ? " or more" : ""}`),
    figure("From the cache", percent(ratio), "of the input"),
    figure("Busy", duration(totals.busy_ms), "in turns"),
    figure("Sessions", count(totals.sessions), times(totals.turns, "turn")),
    figure("Model calls", count(totals.llm_calls), errors.api_errors ? times(errors.api_errors, "error") : null, errors.api_errors > 0),
    figure("Tool calls", count(totals.tool_calls), totals.tool_errors ? times(totals.tool_errors, "error") : "no errors", totals.tool_errors > 0),
    figure("Agents", count(totals.agents), totals.compactions ? times(totals.compactions, "compaction") : null),
  ];
}

function reportNotes({ totals }) {
  const found = [];
  if (totals.llm_calls_unpriced) found.push(`${times(totals.llm_calls_unpriced, "model call")} without a known price: the cost is a lower bound.`);
  if (totals.open_turns) found.push(`${times(totals.open_turns, "turn")} going on: what they come to is not known yet.`);
  return found;
}

const NAMELESS = "unknown";
const numbers = (key, title, show = count, value = (row) => row[key]) => ({ key, title, numeric: true, value, show: (row) => show(value(row)) });
const bad = (key, title) => ({ key, title, numeric: true, value: (row) => row[key], show: (row) => (row[key] ? make("span.bad", {}, count(row[key])) : "0") });
const greatest = (rows, value) => Math.max(...rows.map((row) => value(row) ?? 0));
const costs = (rows) => ({ key: "cost", title: "Cost", numeric: true, value: (row) => row.cost.usd,
  show: (row) => barred(money(row.cost), (row.cost.usd ?? 0) / greatest(rows, (one) => one.cost.usd), "cost") });

function groupTable(id, caption, rows) {
  byId(`${id === "branch" ? "branche" : id}s`).hidden = rows.length === 0;
  const title = id === "branch" ? "Branch" : "Project";
  const columns = [
    { key: "name", title, value: (row) => row.name ?? "", show: (row) => row.name ?? make("span.about", {}, NAMELESS) },
    costs(rows), numbers("tokens", "Tokens", compact, (row) => total(row.tokens)), numbers("cache", "From the cache", percent, (row) => row.cache_hit_ratio ?? undefined),
    numbers("turns", "Turns"),
  ];
  if (id === "project") {
    columns.push(numbers("sessions", "Sessions"), numbers("busy", "Busy", duration, (row) => row.busy_ms), numbers("tool_calls", "Tool calls"), bad("tool_errors", "Errors"));
  }
  sortable(byId(`${id}-table`), { caption, rows, sortBy: "cost", columns });
}

function models(rows) {
  byId("models").hidden = rows.length === 0;
  sortable(byId("model-table"), { caption: "Models", rows, sortBy: "cost", columns: [
    { key: "name", title: "Model", value: (row) => row.name }, costs(rows), numbers("calls", "Calls"),
    ...TOKEN_KINDS.map((kind) => numbers(kind.key, kind.title, compact, (row) => row.tokens[kind.key])),
    numbers("cache", "From the cache", percent, (row) => row.cache_hit_ratio ?? undefined),
    numbers("p50_ms", "p50", duration), numbers("p95_ms", "p95", duration),
  ] });
}

function tools(rows) {
  byId("tools").hidden = rows.length === 0;
  const most = greatest(rows, (row) => row.total_ms);
  sortable(byId("tool-table"), { caption: "Tools", rows, sortBy: "calls", columns: [
    { key: "name", title: "Tool", value: (row) => row.name }, numbers("calls", "Calls"), bad("errors", "Errors"), bad("stopped", "Stopped"),
    { key: "total_ms", title: "Total", numeric: true, value: (row) => row.total_ms, show: (row) => barred(duration(row.total_ms), row.total_ms / most, "tool") },
    numbers("p50_ms", "p50", duration), numbers("p95_ms", "p95", duration), numbers("longest_ms", "Longest", duration),
  ] });
}

function endings(errors) {
  const list = (title, counts) => {
    const rows = Object.entries(counts ?? {}).filter(([, number]) => number > 0).sort((a, b) => b[1] - a[1]);
    return rows.length ? make("div", {}, make("h3", {}, title), make("dl", {}, rows.map(([name, number]) => [make("dt", {}, words(name)), make("dd", {}, count(number))]))) : null;
  };
  const rest = { "failed attempts": errors.api_retries, "failed requests": errors.api_errors, interrupts: errors.interrupts };
  refill(byId("error-lists"), list("Turns", errors.turn_outcomes), list("Tool calls", errors.tool_outcomes), list("Errors of turns", errors.turn_error_types), list("Requests", rest));
  byId("errors").hidden = !byId("error-lists").firstChild;
}
