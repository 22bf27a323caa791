// The waterfall: only the rows that can be seen exist, so that its size does not matter.

const ROW = 24;
const SPARE = 6;

class Waterfall {
  constructor(rows, axis, view) {
    Object.assign(this, { rows, axis, view, selected: -1, wanted: "", version: 0, pool: new Map() });
    this.grid = byId("grid");
    this.body = byId("rows");
    this.ruler = byId("ruler");
    this.back = byId("back");
    this.paint = once(() => this.fill());
    this.grid.addEventListener("scroll", () => { this.follow(); this.paint(); }, { passive: true });
    view.listeners.push(() => { this.version += 1; this.paint(); });
    new ResizeObserver(once(() => { this.follow(); this.paint(); })).observe(this.grid);
  }

  get lane() {
    return Math.max(40, this.ruler.clientWidth);
  }

  changed() {
    this.version += 1;
    this.body.style.height = `${this.rows.shown.length * ROW}px`;
    this.grid.setAttribute("aria-rowcount", String(this.rows.shown.length + 1));
    byId("row-count").textContent = this.rows.isFiltered || this.rows.shown.length < this.rows.items.length
      ? `${count(this.rows.shown.length)} of ${times(this.rows.items.length, "row")}` : times(this.rows.items.length, "row");
    byId("no-rows").hidden = this.rows.shown.length > 0;
    this.follow();
    this.paint();
  }

  // Keeps the bars of the rows that are seen in sight.
  follow() {
    const { shown, items, children, folded } = this.rows;
    if (!this.view.follows || !shown.length) return;
    const first = Math.floor(this.grid.scrollTop / ROW);
    const seen = shown.slice(first, first + Math.max(1, Math.floor((this.grid.clientHeight - this.ruler.offsetHeight) / ROW)));
    const leaves = seen.filter((at) => !children[at] || folded[at]);
    let from = Infinity, to = -Infinity;
    for (const at of leaves.length ? leaves : seen) {
      from = Math.min(from, this.axis.at(items[at].start_unix_ms));
      to = Math.max(to, this.axis.at(items[at].end_unix_ms));
    }
    this.view.lead(from, to);
  }

  fill(from, to) {
    const { shown } = this.rows;
    const head = this.ruler.offsetHeight;
    const first = from ?? Math.max(0, Math.floor(this.grid.scrollTop / ROW) - SPARE);
    const last = to ?? Math.min(shown.length, Math.ceil((this.grid.scrollTop + this.grid.clientHeight - head) / ROW) + SPARE);
    for (const [row, parts] of this.pool) {
      if (row >= first && row < last) continue;
      parts.node.remove();
      this.pool.delete(row);
    }
    const fresh = [];
    for (let row = first; row < last; row += 1) {
      let parts = this.pool.get(row);
      if (!parts) {
        parts = emptyRow(row);
        this.pool.set(row, parts);
        fresh.push(parts.node);
      }
      if (parts.item !== shown[row] || parts.version !== this.version) this.write(parts, shown[row], row);
    }
    this.body.append(...fresh);
    this.paintBack();
    const isThere = this.pool.has(this.rows.rowOf[this.selected]);
    if (isThere) this.grid.setAttribute("aria-activedescendant", `row-${this.rows.rowOf[this.selected]}`);
    else this.grid.removeAttribute("aria-activedescendant");
  }

  write(parts, at, row) {
    const item = this.rows.items[at];
    const { node } = parts;
    parts.item = at;
    parts.version = this.version;
    const isDim = this.rows.isFiltered && !this.rows.passes(item);
    node.className = `row k-${item.kind} is-${item.standing}${at === this.selected ? " selected" : ""}${isDim ? " dim" : ""}`;
    node.setAttribute("aria-level", String(item.depth + 1));
    node.setAttribute("aria-rowindex", String(row + 2));
    node.setAttribute("aria-selected", String(at === this.selected));
    node.setAttribute("aria-label", plain(spoken(item)));
    if (this.rows.children[at]) node.setAttribute("aria-expanded", String(!this.rows.folded[at]));
    else node.removeAttribute("aria-expanded");
    parts.fold.textContent = this.rows.children[at] ? (this.rows.folded[at] ? "\u25b8" : "\u25be") : "";
    parts.indent.style.width = `${Math.min(12, item.depth) * 14}px`;
    refill(parts.title, make("b", {}, marked(nameOf(item), this.wanted)), " ", make("span.about", {}, marked(summaryOf(item), this.wanted)));
    parts.state.textContent = { failed: "failed", stopped: "stopped", running: "running" }[item.standing] ?? "";
    parts.took.textContent = duration(item.end_unix_ms - item.start_unix_ms);
    parts.tokens.textContent = item.tokens ? compact(total(item.tokens)) : "";
    parts.cost.textContent = item.cost ? money(item.cost) : "";
    this.place(parts, item);
  }

  place({ bar }, item) {
    const { view, axis } = this;
    const from = view.part(axis.at(item.start_unix_ms)), to = view.part(axis.at(item.end_unix_ms));
    const left = Math.max(-0.02, from), right = Math.min(1.02, to);
    bar.hidden = right < -0.01 || left > 1.01;
    bar.style.left = `${left * 100}%`;
    bar.style.width = `${Math.max(0, right - left) * 100}%`;
    bar.className = "bar" + (item.is_start_inexact ? " soft-start" : "") + (item.is_end_inexact ? " soft-end" : "");
  }

  paintBack() {
    const key = `${this.version} ${this.lane}`;
    if (this.backKey === key) return;
    this.backKey = key;
    const { view, axis } = this;
    const isSeen = (piece) => piece.end > view.from && piece.x < view.to && ((piece.end - piece.x) / view.span) * this.lane >= 3;
    const bands = axis.idle.filter(isSeen);
    const at = (node, from, to) => {
      node.style.left = `${view.part(from) * 100}%`;
      if (to !== undefined) node.style.width = `${(view.part(to) - view.part(from)) * 100}%`;
      return node;
    };
    const marks = ticks(axis, view.from, view.to, this.lane);
    refill(this.back, bands.map((piece) => at(make("div.idle"), piece.x, piece.end)), marks.map((mark) => at(make("div.grid-line"), mark.x)));
    let before;
    const labels = marks.map((mark) => {
      const isNewDay = before !== undefined && day(before) !== day(mark.at);
      before = mark.at;
      return at(make("span.tick", {}, isNewDay ? `${day(mark.at).slice(5)} ${clock(mark.at, MINUTE)}` : clock(mark.at, mark.step)), mark.x);
    });
    const pauses = bands.map((piece) => {
      const took = `idle ${duration(piece.to - piece.from)}`;
      const pixels = (view.part(piece.end) - view.part(piece.x)) * this.lane;
      return at(make("span.pause", { title: `${took}, squeezed` }, pixels > 96 ? took : pixels > 60 ? duration(piece.to - piece.from) : ""), piece.x, piece.end);
    });
    refill(this.ruler, pauses, labels);
  }

  // The part of the axis that a drag over the ruler is choosing.
  band(part, start) {
    const band = byId("band");
    band.hidden = part === undefined;
    if (band.hidden) return;
    band.style.left = `${between(Math.min(part, start)) * 100}%`;
    band.style.width = `${(between(Math.max(part, start)) - between(Math.min(part, start))) * 100}%`;
  }

  select(at, isQuiet) {
    if (at === undefined || at < 0 || !this.rows.items[at]) return;
    if (!this.rows.reveal(at)) at = this.rows.standIn(at) ?? at;
    this.selected = at;
    this.changed();
    this.show(at);
    if (!isQuiet) say(spoken(this.rows.items[at]));
  }

  // Brings the row into sight, and its bar where it is out of sight.
  show(at) {
    const top = this.rows.rowOf[at] * ROW;
    if (top < 0) return;
    const room = this.grid.clientHeight - this.ruler.offsetHeight;
    if (top < this.grid.scrollTop) this.grid.scrollTop = top;
    else if (top + ROW > this.grid.scrollTop + room) this.grid.scrollTop = top + ROW - room;
    const item = this.rows.items[at];
    this.view.show(this.axis.at(item.start_unix_ms), this.axis.at(item.end_unix_ms));
  }
}

function emptyRow(row) {
  const parts = {
    indent: make("span.indent"), fold: make("span.fold", { "aria-hidden": "true" }), title: make("span.title"), state: make("span.state"),
    took: make("span.took", { role: "gridcell" }), tokens: make("span.tokens", { role: "gridcell" }),
    cost: make("span.cost", { role: "gridcell" }), bar: make("span.bar"),
  };
  const name = make("span.name", { role: "gridcell" }, parts.indent, parts.fold, make("span.glyph", { "aria-hidden": "true" }), parts.title, parts.state);
  parts.node = make("div.row", { role: "row", id: `row-${row}` }, name, parts.took, parts.tokens, parts.cost,
    make("span.lane", { role: "gridcell", "aria-hidden": "true" }, parts.bar));
  parts.node.style.transform = `translateY(${row * ROW}px)`;
  return parts;
}
