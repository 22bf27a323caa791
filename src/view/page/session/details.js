// All that is known of one item.

const SOURCE_TITLE = "the fact in the transcript that this time rests on";
const BYTE_FACTS = new Set(["input_bytes", "result_bytes"]);
const TOKEN_KINDS = [
  { key: "input", title: "Input", colour: "input" },
  { key: "cache_creation", title: "Cache write", colour: "cache_creation" },
  { key: "cache_read", title: "Cache read", colour: "cache_read" },
  { key: "output", title: "Output", colour: "output" },
];

class Details {
  constructor(items, { choose, zoom, wanted }) {
    Object.assign(this, { items, choose, zoom, wanted, at: -1 });
    this.panel = byId("details");
    byId("details-close").addEventListener("click", () => this.close());
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  open(at, isQuiet) {
    const item = this.items[at];
    if (!item) return;
    this.at = at;
    this.panel.hidden = false;
    byId("main").classList.add("with-details");
    const title = byId("details-title");
    refill(title, make("span.glyph", { "aria-hidden": "true" }), make("span", {}, marked(nameOf(item), this.wanted())));
    title.className = `k-${item.kind}`;
    refill(byId("details-body"), this.path(item), this.state(item), this.summary(item), this.timing(item), tokensOf(item),
      factsOf(item), this.texts(item), this.below(at));
    byId("details-body").scrollTop = 0;
    if (!isQuiet) this.panel.focus({ preventScroll: true });
  }

  close() {
    if (!this.isOpen) return;
    this.panel.hidden = true;
    byId("main").classList.remove("with-details");
    byId("grid").focus({ preventScroll: true });
  }

  link(at, text) {
    return make("button.link", { type: "button", onclick: () => this.choose(at) }, text);
  }

  path(item) {
    const above = [];
    for (let up = item.parent; up !== undefined; up = this.items[up].parent) above.unshift(up);
    if (!above.length) return null;
    return make("nav.path", { "aria-label": "stands below" }, above.map((at) => [this.link(at, nameOf(this.items[at])), make("span", { "aria-hidden": "true" }, " \u203a ")]));
  }

  state(item) {
    const chips = [make("span.chip", {}, KIND_NAMES[item.kind])];
    if (item.standing !== "done" || item.outcome) chips.push(make(`span.chip.is-${item.standing}`, {}, words(item.outcome ?? item.standing)));
    if (item.outcome && item.standing === "running") chips.push(make("span.chip.is-running", {}, "running"));
    return make("p.chips", {}, chips, make("button.quiet", { type: "button", onclick: () => this.zoom(this.at) }, "Zoom to it"));
  }

  summary(item) {
    // What stands below in full needs no summary.
    const { input = "", output = "" } = item.texts ?? {};
    const isTold = [input, output].some((text) => text.replace(/\s+/g, " ").trim().startsWith((item.summary ?? "").replace(/\u2026$/, "")));
    return item.summary && !isTold ? make("p.summary", {}, marked(item.summary, this.wanted())) : null;
  }

  timing(item) {
    const line = (title, ms, source, isInexact) => [make("dt", {}, title), make("dd", {}, make("time", { datetime: new Date(ms).toISOString(), title: new Date(ms).toISOString() }, moment(ms)),
      isInexact ? make("span.chip.soft", { title: "no line of its own says when" }, "inexact") : null,
      make("small", { title: SOURCE_TITLE }, `by ${words(source)}`))];
    return make("dl.facts", {}, line("Start", item.start_unix_ms, item.start_source, item.is_start_inexact),
      line(item.standing === "running" ? "Last sign" : "End", item.end_unix_ms, item.end_source, item.is_end_inexact),
      make("dt", {}, "Duration"), make("dd", {}, (item.is_start_inexact || item.is_end_inexact ? "about " : "") + duration(item.end_unix_ms - item.start_unix_ms)));
  }

  texts(item) {
    const titles = { turn: ["Prompt", "Output"], tool: ["Input", "Result"], agent: ["Task", "Result"] }[item.kind] ?? ["Input", "Answer"];
    const block = (title, text, name = "text") => (text ? make("section.said", {}, make("h4", {}, title),
      make(`pre.${name}`, { tabindex: 0 }, marked(text, this.wanted()))) : null);
    const { input, output, error } = item.texts ?? {};
    return [block(titles[0], input), block(titles[1], output), block("Error", error, "error")];
  }

  below(at) {
    const children = [];
    for (let place = at + 1; place < this.items.length && this.items[place].depth > this.items[at].depth; place += 1) {
      if (this.items[place].parent === at) children.push(place);
    }
    if (!children.length) return null;
    const some = children.slice(0, 50);
    return make("section", {}, make("h4", {}, `Holds ${times(children.length, "item")}`),
      make("ul.holds", {}, some.map((place) => make(`li.k-${this.items[place].kind}`, {}, make("span.glyph", { "aria-hidden": "true" }),
        this.link(place, nameOf(this.items[place])), make("span.about", {}, ` ${summaryOf(this.items[place])}`), make("small", {}, duration(this.items[place].end_unix_ms - this.items[place].start_unix_ms))))),
      children.length > some.length ? make("p.hint", {}, `and ${count(children.length - some.length)} more`) : null);
  }
}

function tokensOf(item) {
  if (!item.tokens && !item.cost) return null;
  const rows = [];
  if (item.tokens) {
    const all = total(item.tokens) || 1;
    for (const kind of TOKEN_KINDS) {
      rows.push(make("dt", {}, swatch(kind), kind.title), make("dd", {}, barred(count(item.tokens[kind.key]) + (kind.key === "output" && item.tokens.is_lower_bound ? " or more" : ""), item.tokens[kind.key] / all, kind.colour)));
    }
    if (isKnown(item.tokens.thinking)) rows.push(make("dt", {}, "of it thinking"), make("dd", {}, count(item.tokens.thinking)));
    rows.push(make("dt", {}, "From cache"), make("dd", {}, percent(hitRatio(item.tokens))));
  }
  if (item.cost) rows.push(make("dt", {}, "Cost"), make("dd", {}, make("b", {}, money(item.cost)), isKnown(item.cost.usd) ? null : make("small", {}, "no price is known")));
  return make("section", {}, make("h4", {}, "Tokens and cost"), make("dl.facts", {}, rows));
}

function factsOf(item) {
  const facts = Object.entries(item.facts ?? {}).map(([name, value]) => {
    const shown = BYTE_FACTS.has(name) ? bytes(value) : name.endsWith("_ms") ? duration(value) : value === true ? "yes" : typeof value === "number" ? count(value) : value;
    return [make("dt", {}, words(name.replace(/_(ms|bytes)$/, "").replace(/^is_/, ""))), make("dd", {}, shown)];
  });
  return make("section", {}, make("h4", {}, "Facts"), make("dl.facts", {}, facts, make("dt", {}, "id"), make("dd", {}, make("code", {}, item.id))));
}
