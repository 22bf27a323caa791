// Tables that sort by a click on a heading.

const ROWS_AT_FIRST = 100;

// columns: {key, title, numeric, value(row), show(row)}; value sorts, show is what is seen.
function sortable(host, { caption, columns, rows, sortBy, pick, describePick }) {
  let order = { key: sortBy ?? columns[0].key, isFalling: true };
  let limit = ROWS_AT_FIRST;
  const body = make("tbody");
  const heads = columns.map((column) => {
    const button = make("button.sort", { type: "button", onclick: () => sort(column) }, column.title);
    return make(column.numeric ? "th.number" : "th", { scope: "col" }, button);
  });
  const table = make("table.data", {}, make("caption.unseen", {}, caption), make("thead", {}, make("tr", {}, heads)), body);
  const more = make("button.quiet", { type: "button", onclick: () => { limit = Infinity; fill(); } });

  function sort(column) {
    order = { key: column.key, isFalling: order.key === column.key ? !order.isFalling : Boolean(column.numeric) };
    fill();
    say(`sorted by ${column.title}, ${order.isFalling ? "falling" : "rising"}`);
  }

  function fill() {
    const column = columns.find((one) => one.key === order.key) ?? columns[0];
    const sorted = [...rows].sort((a, b) => compare(column.value(a), column.value(b)) * (order.isFalling ? -1 : 1));
    columns.forEach((one, place) => {
      const state = one === column ? (order.isFalling ? "descending" : "ascending") : "none";
      heads[place].setAttribute("aria-sort", state);
    });
    refill(body, sorted.slice(0, limit).map(line));
    more.hidden = sorted.length <= limit;
    more.textContent = `Show all ${count(sorted.length)}`;
  }

  function line(row) {
    const cells = columns.map((column, place) => {
      const shown = column.show ? column.show(row) : column.value(row);
      const content = place === 0 && pick
        ? make("button.link", { type: "button", title: describePick, onclick: () => pick(row) }, shown) : shown;
      if (place === 0) return make("th.name", { scope: "row" }, content);
      return make(column.numeric ? "td.number" : "td", {}, content);
    });
    return make("tr", {}, cells);
  }

  fill();
  refill(host, make("div.wide", { tabindex: 0, role: "region", "aria-label": caption }, table), more);
}

// What is unknown stands below everything.
function compare(a, b) {
  if (!isKnown(a) || !isKnown(b)) return isKnown(a) - isKnown(b);
  return typeof a === "string" ? a.localeCompare(b) : a - b;
}

// A number with a bar behind it, against the greatest of its column.
function barred(text, part, name = "bar") {
  const fill = make("span.fill." + name);
  fill.style.width = `${Math.max(0, Math.min(1, part || 0)) * 100}%`;
  return make("span.barred", {}, make("span.track", { "aria-hidden": "true" }, fill), make("span", {}, text));
}
