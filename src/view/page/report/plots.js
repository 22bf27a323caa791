// What happened day by day.

const TOKEN_KINDS = [
  { key: "input", title: "Input", colour: "input" },
  { key: "cache_creation", title: "Cache write", colour: "cache_creation" },
  { key: "cache_read", title: "Cache read", colour: "cache_read" },
  { key: "output", title: "Output", colour: "output" },
];
const MOST_DAYS = 800;

// Days without anything have a place too, or the plots would bend time.
function everyDay(days) {
  const number = (text) => Math.round(Date.parse(`${text}T00:00:00Z`) / DAY);
  const known = new Map(days.map((row) => [number(row.day), row]));
  const first = Math.min(...known.keys()), last = Math.max(...known.keys());
  if (!known.size || last - first > MOST_DAYS) return days;
  return Array.from({ length: last - first + 1 }, (_, place) => known.get(first + place)
    ?? { day: new Date((first + place) * DAY).toISOString().slice(0, 10) });
}

function dayPlots(days) {
  byId("days").hidden = days.length === 0;
  if (!days.length) return;
  const rows = everyDay(days).map((row) => ({
    label: row.day, short: row.day.slice(5), detail: row.turns ? `${times(row.sessions, "session")}, ${times(row.turns, "turn")}` : null,
    values: {
      ...Object.fromEntries(TOKEN_KINDS.map((kind) => [kind.key, row.tokens?.[kind.key]])), cost: row.cost?.usd, ratio: hitRatio(row.tokens),
      good: isKnown(row.tool_calls) ? row.tool_calls - row.tool_errors : undefined, bad: row.tool_errors,
    },
  }));
  const shared = { rows, tick: (bin) => bin.short };
  plot(byId("plot-cost"), { ...shared, title: "Cost by day", series: [{ key: "cost", title: "Cost", colour: "cost" }], show: dollars });
  plot(byId("plot-cache"), { ...shared, title: "Input from the cache, by day", series: [{ key: "ratio", title: "From the cache", colour: "cache_read" }], show: percent, most: 1, join: joined });
  plot(byId("plot-tokens"), { ...shared, title: "Tokens by day", series: TOKEN_KINDS, show: compact });
  plot(byId("plot-work"), { ...shared, title: "Tool calls by day", series: [{ key: "good", title: "Without error", colour: "2" }, { key: "bad", title: "With error", colour: "bad" }], show: compact });
}

// The ratio of several days is that of their tokens together, no mean of ratios.
function joined(rows) {
  const sums = sumOf(rows);
  const input = (sums.input ?? 0) + (sums.cache_read ?? 0) + (sums.cache_creation ?? 0);
  return { ...sums, ratio: input ? (sums.cache_read ?? 0) / input : undefined };
}

// Shares of the time, as one bar and as numbers.
function waitBars(waits) {
  const shares = [
    { title: "Models", ms: waits.model_ms, colour: "1", what: "a model was answering" },
    { title: "Tools", ms: waits.tools_ms, colour: "2", what: "tools ran, permission included" },
    { title: "Other", ms: waits.other_ms, colour: "rest", what: "neither: the client, hooks, retries" },
  ].filter((share) => share.ms > 0);
  const all = shares.reduce((sum, share) => sum + share.ms, 0);
  byId("waits").hidden = all === 0;
  const bar = make("div.shares", { "aria-hidden": "true" }, shares.map((share) => {
    const part = make(`span.s-${share.colour}`, { title: `${share.title} ${duration(share.ms)}` });
    part.style.flexGrow = String(share.ms / all);
    return part;
  }));
  const more = [
    isKnown(waits.dialog_ms) ? ["In dialogs", waits.dialog_ms, `measured in ${times(waits.dialog_turns, "turn")}, part of the above`] : null,
    waits.idles ? ["Idle between turns", waits.idle_ms, times(waits.idles, "pause")] : null,
    waits.aways ? ["Away", waits.away_ms, times(waits.aways, "long pause")] : null,
  ].filter(Boolean);
  refill(byId("wait-bars"), bar, make("dl.share-list", {},
    shares.map((share) => make("div", {}, make("dt", {}, swatch(share), share.title), make("dd", {}, duration(share.ms), make("small", {}, `${percent(share.ms / all)}, ${share.what}`)))),
    more.map(([title, ms, detail]) => make("div", {}, make("dt", {}, title), make("dd", {}, duration(ms), make("small", {}, detail))))));
}
