// The session at a glance: its head, its figures, and what has to be known about them.

function glance(card) {
  const project = card.project ?? "A session";
  const title = card.title ?? project;
  document.title = `${plain(title)} \u00b7 ${plain(card.id).slice(0, 8)} \u00b7 claude-otel`;
  refill(byId("title"), title);
  const facts = [card.title ? card.project : null, card.folder, card.branch ? `on ${card.branch}` : null,
    isKnown(card.start_unix_ms) ? span(card.start_unix_ms, card.end_unix_ms) : null,
    card.client_version ? `client ${card.client_version}` : null, card.entrypoint,
    card.start_type === "fresh" ? null : `${card.start_type} of ${card.previous ?? "another session"}`,
    card.continued_in ? `goes on in ${card.continued_in}` : null].filter(Boolean);
  refill(byId("subtitle"), facts.map((fact) => make("span", {}, fact)), make("code", {}, card.id), card.is_running ? make("span.chip.is-running", {}, "running") : null);
  refill(byId("figures"), figures(card));
  refill(byId("notes"), notes(card).map((note) => make("li", {}, note)));
  byId("notes").hidden = !byId("notes").firstChild;
}

function span(from, to) {
  if (!isKnown(to)) return moment(from).slice(0, 19);
  const isOneDay = day(from) === day(to);
  return `${day(from)} ${clock(from)} \u2013 ${isOneDay ? "" : day(to) + " "}${clock(to)}`;
}

function figure(title, value, detail, isBadNews) {
  return make("div.figure", {}, make("dt", {}, title), make(isBadNews ? "dd.troubled" : "dd", {}, value, detail ? make("small", {}, detail) : null));
}

function figures(card) {
  const { tokens } = card;
  const whole = isKnown(card.end_unix_ms) && isKnown(card.start_unix_ms) ? card.end_unix_ms - card.start_unix_ms : undefined;
  const hidden = card.hidden_cost && isKnown(card.hidden_cost.usd) ? `+ ${money(card.hidden_cost)} not on record` : null;
  return [
    figure("Cost", money(card.cost), hidden ?? (isKnown(card.cost.usd) ? "by list price" : "no price is known")),
    figure("Tokens", compact(total(tokens)), `${compact(tokens.output)} out${tokens.is_lower_bound ? " or more" : ""}`),
    figure("From the cache", percent(hitRatio(tokens)), "of the input"),
    figure("Busy", duration(card.busy_ms), isKnown(whole) ? `of ${duration(whole)}` : null),
    figure("Turns", count(card.turns), card.interrupts ? `${times(card.interrupts, "interrupt")}` : null),
    figure("Model calls", count(card.llm_calls), card.api_errors ? `${times(card.api_errors, "error")}` : card.api_retries ? `${times(card.api_retries, "retry", "retries")}` : null),
    figure("Tool calls", count(card.tool_calls), card.tool_errors ? `${times(card.tool_errors, "error")}` : "no errors", card.tool_errors > 0),
    figure("Agents", count(card.agents), card.compactions ? `${times(card.compactions, "compaction")}` : null),
  ];
}

function notes(card) {
  const found = [];
  if (card.cost?.is_lower_bound) found.push("The cost is a lower bound: some calls have no price, or no final number of tokens.");
  const problems = Object.entries(card.problems ?? {});
  if (problems.length) found.push(`Not understood in the transcript: ${problems.map(([name, number]) => `${words(name)} (${count(number)})`).join(", ")}.`);
  return found;
}
