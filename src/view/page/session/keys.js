// The keyboard, which can do all that the mouse can.

const HELP = [
  ["\u2191 \u2193", "row above, below"], ["\u2190 \u2192", "fold, unfold; to the parent, into it"], ["PgUp PgDn Home End", "further"],
  ["Enter", "details of the row"], ["Esc", "close details, end the search"], ["z", "zoom to the row"],
  ["+ \u2212", "zoom"], ["[ ]", "pan (also Shift + \u2190 \u2192)"], ["0", "all of it"], ["f", "bars follow the rows"], ["i", "idle time: squeezed or whole"],
  ["c  x", "fold all, unfold all"], ["/", "search"], ["n  N", "next match, the one before"], ["e  E", "next failure, the one before"],
  ["t", "theme"], ["?", "this list"],
];

function startKeys({ waterfall, rows, view, search, details, fold, toggleIdle, toggleFollow, zoomTo }) {
  const help = byId("help");
  const showHelp = () => { if (!help.open) help.showModal(); };
  refill(byId("keys"), HELP.map(([keys, what]) => [make("dt", {}, keys.split(" ").filter(Boolean).map((key) => make("kbd", {}, key))), make("dd", {}, what)]));
  byId("help-open").addEventListener("click", showHelp);
  byId("help-close").addEventListener("click", () => help.close());

  const move = (by) => {
    const row = rows.rowOf[waterfall.selected] ?? -1;
    const next = Math.max(0, Math.min(rows.shown.length - 1, row + by));
    if (!rows.shown.length) return;
    waterfall.select(rows.shown[next]);
    if (details.isOpen) details.open(waterfall.selected, true);
  };
  const page = () => Math.max(1, Math.floor(byId("grid").clientHeight / ROW) - 2);
  const bad = (by) => {
    const { items } = rows;
    for (let n = 1; n <= items.length; n += 1) {
      const at = (((waterfall.selected < 0 && by < 0 ? 0 : waterfall.selected) + by * n) % items.length + items.length) % items.length;
      if (!isBad(items[at])) continue;
      waterfall.select(at);
      if (details.isOpen) details.open(at, true);
      return;
    }
    say("nothing failed");
  };
  const left = () => {
    const at = waterfall.selected;
    if (at < 0) return move(0);
    if (rows.children[at] && !rows.folded[at]) return fold(at, true);
    return rows.items[at].parent === undefined ? undefined : waterfall.select(rows.items[at].parent);
  };
  const right = () => {
    const at = waterfall.selected;
    if (at < 0) return move(0);
    return rows.children[at] && rows.folded[at] ? fold(at, false) : rows.children[at] ? move(1) : undefined;
  };
  // What only the waterfall takes while it has the focus.
  const inGrid = {
    ArrowDown: () => move(1), ArrowUp: () => move(-1), PageDown: () => move(page()), PageUp: () => move(-page()),
    Home: () => move(-Infinity), End: () => move(Infinity), ArrowLeft: left, ArrowRight: right,
    Enter: () => (waterfall.selected < 0 ? move(0) : details.open(waterfall.selected)), " ": () => waterfall.selected >= 0 && details.open(waterfall.selected, true),
  };
  const anywhere = {
    "+": () => view.zoom(1.5), "=": () => view.zoom(1.5), "-": () => view.zoom(1 / 1.5), 0: () => view.fit(),
    "[": () => view.pan(-0.2), "]": () => view.pan(0.2), i: toggleIdle, f: toggleFollow, t: nextTheme, "?": showHelp,
    "/": () => { search.field.focus(); search.field.select(); }, n: () => search.step(1), N: () => search.step(-1),
    e: () => bad(1), E: () => bad(-1), c: () => fold(null, true), x: () => fold(null, false),
    z: () => zoomTo(waterfall.selected), Escape: () => (details.isOpen ? details.close() : search.wanted && search.clear()),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.target.closest("input, select, textarea")) return;
    const isInGrid = event.target === byId("grid");
    let act = isInGrid && Object.hasOwn(inGrid, event.key) ? inGrid[event.key] : undefined;
    if (isInGrid && event.shiftKey && event.key === "ArrowLeft") act = () => view.pan(-0.2);
    if (isInGrid && event.shiftKey && event.key === "ArrowRight") act = () => view.pan(0.2);
    act ??= Object.hasOwn(anywhere, event.key) ? anywhere[event.key] : undefined;
    if (!act) return;
    event.preventDefault();
    act();
  });
}
