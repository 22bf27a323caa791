// Puts the session's page together.

const MOST_AT_ONCE = 150;

function startSession(story) {
  const { session: card, items } = story;
  startTheme();
  glance(card);
  const axis = new Axis(items), rows = new Rows(items), view = new View(axis);
  const waterfall = new Waterfall(rows, axis, view), minimap = new Minimap(items, axis, view);

  const zoomTo = (at) => {
    if (items[at]) view.zoomTo(axis.at(items[at].start_unix_ms), axis.at(items[at].end_unix_ms));
  };
  const details = new Details(items, { choose, zoom: zoomTo, wanted: () => search.wanted });
  const search = new Search(waterfall, minimap, (at) => details.isOpen && details.open(at, true));

  function choose(at) {
    waterfall.select(at);
    details.open(at, true);
    byId("waterfall").scrollIntoView({ block: "nearest" });
  }

  function fold(at, isFolded) {
    if (at === null) rows.foldAll(isFolded);
    else rows.fold(at, isFolded);
    if (rows.rowOf[waterfall.selected] < 0) waterfall.selected = rows.standIn(waterfall.selected) ?? -1;
    waterfall.changed();
    if (waterfall.selected >= 0) waterfall.show(waterfall.selected);
  }

  function setFollow(follows) {
    view.follows = follows;
    waterfall.follow();
    byId("follow").setAttribute("aria-pressed", String(view.follows));
  }

  function toggleIdle() {
    const from = axis.back(view.from), to = axis.back(view.to), { isWhole, follows } = view;
    axis.squeeze(!axis.isSqueezed);
    byId("idle").setAttribute("aria-pressed", String(axis.isSqueezed));
    minimap.paint();
    if (isWhole) view.fit();
    else view.set(axis.at(from), axis.at(to));
    setFollow(follows);
    say(axis.isSqueezed ? "idle time is squeezed" : "idle time is shown whole");
  }

  startPointer({ waterfall, rows, view, fold, details, zoomTo });
  startFilters(rows, waterfall, search);
  startKeys({ waterfall, rows, view, search, details, fold, toggleIdle, zoomTo, toggleFollow: () => setFollow(!view.follows) });
  view.listeners.push(() => byId("follow").setAttribute("aria-pressed", String(view.follows)));
  byId("follow").addEventListener("click", () => setFollow(!view.follows));
  byId("idle").addEventListener("click", toggleIdle);
  byId("idle").hidden = axis.idle.length === 0;
  byId("zoom-in").addEventListener("click", () => view.zoom(1.5));
  byId("zoom-out").addEventListener("click", () => view.zoom(1 / 1.5));
  byId("zoom-fit").addEventListener("click", () => view.fit());
  byId("fold-all").addEventListener("click", () => fold(null, true));
  byId("unfold-all").addEventListener("click", () => fold(null, false));
  turnPlots(items, choose);
  agentTree(items, choose);
  toolTable(items, (name) => { search.look(name); byId("waterfall").scrollIntoView({ block: "start" }); });
  modelTable(card.models);
  byId("waterfall").hidden = items.length === 0;
  waterfall.changed();
  // Where all of it at once would only show slivers, the bars follow the rows from the start.
  if (items.length > MOST_AT_ONCE) setFollow(true);
  waterfall.fill();
  // On paper every row stands by itself, as far as that is of use.
  addEventListener("beforeprint", () => waterfall.fill(0, Math.min(rows.shown.length, 400)));
  addEventListener("afterprint", waterfall.paint);
}

function startPointer({ waterfall, rows, view, fold, details, zoomTo }) {
  const { grid, ruler } = waterfall;
  const rowAt = (event) => {
    const node = event.target.closest(".row");
    return node ? rows.shown[Number(node.id.slice(4))] : undefined;
  };
  grid.addEventListener("wheel", wheel(view, ruler, false), { passive: false });
  ruler.parentElement.addEventListener("wheel", wheel(view, ruler, true), { passive: false });
  let wasDragged = false, from = 0;
  dragging(grid, ruler, {
    begin: (_, event) => { wasDragged = false; from = event.target.closest(".head") ? null : view.from; },
    move: (part, start) => {
      wasDragged = true;
      if (from !== null) view.set(from - (part - start) * view.span, from - (part - start) * view.span + view.span);
      else waterfall.band(part, start);
    },
    end: (part, start, isDrag) => {
      waterfall.band();
      if (!isDrag || from !== null) return;
      const [left, right] = [between(Math.min(part, start)), between(Math.max(part, start))];
      view.set(view.from + left * view.span, view.from + right * view.span);
    },
  });
  grid.addEventListener("click", (event) => {
    const at = rowAt(event);
    if (at === undefined || wasDragged) return;
    if (event.target.closest(".fold") && rows.children[at]) {
      waterfall.selected = at;
      fold(at, !rows.folded[at]);
      return;
    }
    waterfall.select(at);
    details.open(waterfall.selected, true);
  });
  grid.addEventListener("dblclick", (event) => {
    const at = rowAt(event);
    if (at !== undefined && event.target.closest(".lane")) zoomTo(at);
  });
}

function startFilters(rows, waterfall, search) {
  const present = new Set(rows.items.map((item) => item.kind));
  const chip = (title, name, isOn, press) => {
    const button = make(`button.filter.${name}`, { type: "button", "aria-pressed": String(isOn) }, make("span.glyph", { "aria-hidden": "true" }), title);
    button.addEventListener("click", () => {
      const isNowOn = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(isNowOn));
      press(isNowOn);
      rows.list();
      if (waterfall.selected >= 0) waterfall.selected = rows.standIn(waterfall.selected) ?? -1;
      search.find(search.field.value);
    });
    return button;
  };
  const plural = { turn: "Turns", llm_call: "Model calls", tool: "Tools", agent: "Agents", compaction: "Compactions", hook: "Hooks" };
  const kinds = KINDS.filter((kind) => present.has(kind))
    .map((kind) => chip(plural[kind], `k-${kind}`, true, (isOn) => (isOn ? rows.kinds.add(kind) : rows.kinds.delete(kind))));
  const bad = rows.items.filter(isBad).length;
  if (bad) kinds.push(chip(`Errors only\u2002${compact(bad)}`, "only-bad", false, (isOn) => { rows.isBadOnly = isOn; }));
  refill(byId("filters"), kinds);
}
