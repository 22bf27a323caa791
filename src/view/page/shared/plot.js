// Stacked bars over turns or days, with a legend that switches series, a cursor for mouse and keys, and a table.

const MOST_BARS = 180;
const PLOT = { left: 52, right: 8, top: 8, bottom: 20 };

// rows: {label, detail, values: {key: number}}; series: {key, title, colour}.
function plot(host, { title, note, rows, series, show, height = 132, most, pick, join = sumOf, tick = (row) => row.label }) {
  const bins = binned(rows, join);
  const off = new Set();
  let cursor = -1;
  const canvas = draw("svg", { "aria-hidden": "true" });
  const tip = make("div.tip", { hidden: true });
  const frame = make("div.plot", {
    tabindex: 0, role: "group", "aria-roledescription": "plot",
    "aria-label": `${title}; ${times(bins.length, "bar")}; arrow keys read them one by one, the table below has all`,
    onpointermove: (event) => point(Math.floor((event.clientX - frame.getBoundingClientRect().left - PLOT.left) / step())),
    onpointerleave: () => point(-1), onblur: () => point(-1), onkeydown: key,
    onclick: () => { if (pick && bins[cursor]) pick(bins[cursor].rows[0]); },
  }, canvas, tip);
  frame.style.height = `${height}px`;
  const on = () => series.filter((one) => !off.has(one.key));
  const width = () => Math.max(160, frame.clientWidth);
  const step = () => (width() - PLOT.left - PLOT.right) / Math.max(1, bins.length);
  const sum = (bin) => on().reduce((all, one) => all + (bin.values[one.key] ?? 0), 0);

  function key(event) {
    const move = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
    if (move !== undefined) {
      point(Math.max(0, Math.min(bins.length - 1, cursor + move)));
      if (bins[cursor]) say(tip.textContent);
    } else if (event.key === "Enter" && pick && bins[cursor]) {
      pick(bins[cursor].rows[0]);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  function point(place) {
    const next = place >= 0 && place < bins.length ? place : -1;
    if (next === cursor) return;
    cursor = next;
    tip.hidden = cursor < 0;
    canvas.querySelectorAll(".cursor").forEach((old) => old.remove());
    if (cursor < 0) return;
    const bin = bins[cursor];
    const lines = on().map((one) => make("span.line", {}, swatch(one), `${one.title} `, make("b", {}, show(bin.values[one.key]))));
    refill(tip, make("strong", {}, bin.label), bin.detail ? make("span.line", {}, bin.detail) : null, lines);
    const x = PLOT.left + cursor * step();
    canvas.prepend(draw("rect.cursor", { x, y: PLOT.top, width: Math.max(2, step()), height: height - PLOT.top - PLOT.bottom }));
    const room = width() - tip.offsetWidth - 4;
    tip.style.left = `${Math.max(4, Math.min(room, x + step() / 2 - tip.offsetWidth / 2))}px`;
  }

  function paint() {
    const top = most ?? nice(Math.max(0, ...bins.map(sum)));
    const inside = height - PLOT.top - PLOT.bottom;
    const y = (value) => PLOT.top + inside * (1 - (top ? value / top : 0));
    canvas.setAttribute("viewBox", `0 0 ${width()} ${height}`);
    canvas.replaceChildren();
    for (const part of [0, 0.5, 1]) {
      const at = y(top * part);
      canvas.append(draw("line.rule", { x1: PLOT.left, x2: width() - PLOT.right, y1: at, y2: at }),
        draw("text.scale", { x: PLOT.left - 6, y: at + 3.5, "text-anchor": "end" }, top || !part ? round(show(top * part)) : ""));
    }
    const gap = step() > 6 ? Math.min(3, step() * 0.2) : step() > 3 ? 1 : 0;
    const thick = Math.max(0.75, Math.min(28, step() - gap));
    bins.forEach((bin, place) => {
      let base = 0;
      for (const one of on()) {
        const value = bin.values[one.key] ?? 0;
        if (!(value > 0)) continue;
        const from = y(base), to = y(base + value);
        canvas.append(draw(`rect.s-${one.colour}`, { x: (PLOT.left + place * step() + (step() - thick) / 2).toFixed(2), y: to.toFixed(2),
          width: thick.toFixed(2), height: Math.max(0.5, from - to).toFixed(2) }));
        base += value;
      }
    });
    labels();
  }

  function labels() {
    const every = Math.max(1, Math.ceil(58 / step()));
    for (let place = 0; place < bins.length; place += every) {
      const x = PLOT.left + (place + 0.5) * step();
      if (x > width() - 20) break;
      canvas.append(draw("text.scale", { x, y: height - 5, "text-anchor": "middle" }, tick(bins[place])));
    }
  }

  const legend = make("div.legend", { role: "group", "aria-label": `series of ${title}` },
    series.length > 1 ? series.map((one) => make("button.key", {
      type: "button", "aria-pressed": "true", onclick: (event) => {
        if (!off.delete(one.key)) off.add(one.key);
        event.currentTarget.setAttribute("aria-pressed", String(!off.has(one.key)));
        paint();
      },
    }, swatch(one), one.title)) : []);
  refill(host, make("div.plot-head", {}, make("h3", {}, title, note ? make("small", {}, note) : null), legend), frame,
    fallback(title, rows, series, show));
  new ResizeObserver(once(paint)).observe(frame);
  paint();
}

// The numbers of a scale are round, and need no zeros behind the point.
function round(text) {
  return text.replace(/(\.\d*?)0+(?!\d)/, (_, kept) => (kept === "." ? "" : kept));
}

function swatch(one) {
  return make("span.swatch.s-" + one.colour, { "aria-hidden": "true" });
}

// Neighbours are joined where there is no room for each: nothing is left out.
function binned(rows, join) {
  const size = Math.ceil(rows.length / MOST_BARS);
  if (size <= 1) return rows.map((row) => ({ ...row, rows: [row] }));
  const bins = [];
  for (let from = 0; from < rows.length; from += size) {
    const some = rows.slice(from, from + size);
    const last = some[some.length - 1];
    const label = last === some[0] ? last.label : `${some[0].label} \u2013 ${last.label}`;
    bins.push({ label, rows: some, short: some[0].short, values: join(some) });
  }
  return bins;
}

function sumOf(rows) {
  const values = {};
  for (const row of rows) {
    for (const [key, value] of Object.entries(row.values)) {
      if (isKnown(value)) values[key] = (values[key] ?? 0) + value;
    }
  }
  return values;
}

function nice(number) {
  if (!(number > 0)) return 0;
  const size = 10 ** Math.floor(Math.log10(number));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((part) => part * size).find((step) => step >= number * 0.9999);
}

// The same numbers as a table, made when somebody opens it.
function fallback(title, rows, series, show) {
  const place = make("div");
  return make("details.fallback", {
    ontoggle: (event) => {
      if (!event.currentTarget.open || place.firstChild) return;
      const columns = [{ key: "label", title: "", value: (row) => row.place, show: (row) => row.label },
        ...series.map((one) => ({ key: one.key, title: one.title, numeric: true,
          value: (row) => row.values[one.key], show: (row) => show(row.values[one.key]) }))];
      columns[0].title = "Bar";
      const numbered = rows.map((row, at) => ({ ...row, place: -at }));
      sortable(place, { caption: title, columns, rows: numbered, sortBy: "label" });
    },
  }, make("summary", {}, "As a table"), place);
}
