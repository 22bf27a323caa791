#!/usr/bin/env python3
"""Writes the Grafana dashboards beside it: what they show is said here once, and the JSON follows from it.

    python3 packaging/dashboards/build.py            # write them
    python3 packaging/dashboards/build.py --check    # say which are out of date, and change nothing

Names are those that Prometheus makes of the names in docs/telemetry.md: underscores, suffixes for units, _total.
In queries, FROM stands for the choice of sources that every dashboard has.
"""

import json
import pathlib
import sys

# No compiled files beside the scripts.
sys.dont_write_bytecode = True

from shapes import WIDTH, bars, dashboard, lines, number, row

FOLDER = pathlib.Path(__file__).resolve().parent

USD, PART, SECONDS, BYTES, COUNT = "currencyUSD", "percentunit", "s", "bytes", "short"


def held(metric, by="", where=""):
    """How much came on top in the time that is shown."""
    return f"sum{by and f' by ({by}) '}(increase({metric}{{FROM{where and f',{where}'}}}[$__range]))"


def pace(metric, by="", where="", times=1):
    """How much came on top for each second, times so many."""
    factor = f" * {times}" if times != 1 else ""
    return f"sum{by and f' by ({by}) '}(rate({metric}{{FROM{where and f',{where}'}}}[$window])){factor}"


def quantile(part, metric, by="", window="$window", where=""):
    labels = ", ".join(filter(None, ("le", by)))
    chosen = f"FROM{where and f',{where}'}"
    return f"histogram_quantile({part}, sum by ({labels}) (rate({metric}_bucket{{{chosen}}}[{window}])))"


COST, TOKENS = "claude_code_cost_usage_USD_total", "claude_code_token_usage_tokens_total"
TURNS, CALLS, TOOLS = "claude_code_turn_count_total", "claude_code_llm_calls_total", "claude_code_tool_calls_total"
ERRORS, RUNS = "claude_code_api_errors_total", "claude_code_agent_count_total"
OUTCOME, TOOL, MODEL = "claude_code_tool_outcome", "gen_ai_tool_name", "gen_ai_response_model"
FAILED = f'{OUTCOME}=~"error|timed_out"'
REFUSED = f'{OUTCOME}=~"rejected|denied"'
CUT = f'{OUTCOME}=~"interrupted|orphaned"'
HIDDEN, BOUND = 'claude_otel_usage_hidden="true"', 'claude_otel_cost_lower_bound="true"'
HOUR, MINUTE = 3600, 60


def usage():
    return dashboard("usage", "usage and cost", "What sessions took: tokens, cost by list prices, turns, calls.", [
        number("Cost", USD, "By list prices, in the time shown; what no price is known for is left out.", held(COST)),
        number("Tokens", COUNT, "Of all types, read from the cache and written to it included.", held(TOKENS)),
        number("Sessions", COUNT, "Begun or resumed after a pause.", held("claude_code_session_count_total")),
        number("Turns", COUNT, "That are over.", held(TURNS)),
        number("Model calls", COUNT, "Responses, each counted once.", held(CALLS)),
        number("Calls without a price", COUNT, "Their cost is missing from all sums here.",
               held("claude_code_llm_unpriced_calls_total"), steps=[(None, "green"), (1, "orange")], noValue="0"),
        row("Cost"),
        lines("Cost in the last 24 hours", USD, "Each point is the day before it; the alert on cost uses the same.",
              {"all": f"sum(increase({COST}{{FROM}}[1d]))"}),
        lines("Cost per hour, by model", USD, "At the pace of the window.",
              {"{{model}}": pace(COST, "model", times=HOUR)}, stacked=True),
        bars("Cost by model", USD, "In the time shown.", "{{model}}", held(COST, "model")),
        bars("Cost by agent and source", USD, "Agent types have their own name; the rest is the main conversation, or "
             "auxiliary: what the client asked for itself.", "{{query_source}} {{agent_name}}",
             held(COST, "query_source, agent_name")),
        lines("Cost that no line shows", PART, "Titles, compactions, searches: known from the client's own totals, on "
              "a clean exit of 2.1.280 or later.",
              {"hidden": f'{pace(COST, where=HIDDEN)} / {pace(COST)}'}, max=1),
        lines("Cost that is a lower bound", PART, "Calls that were cut, and clients that never wrote final counts.",
              {"lower bound": f'{pace(COST, where=BOUND)} / {pace(COST)}'}, max=1),
        row("Tokens"),
        lines("Tokens per minute, by type", COUNT, "input is what no cache held.",
              {"{{type}}": pace(TOKENS, "type", times=MINUTE)}, stacked=True),
        lines("Output tokens per minute, by model", COUNT, "Thinking included.",
              {"{{model}}": pace(TOKENS, "model", 'type="output"', MINUTE)}, stacked=True),
        bars("Tokens by effort", COUNT, "Where a line says which effort was asked for.", "{{effort}}",
             held(TOKENS, "effort", 'effort!=""')),
        bars("Thinking", COUNT, "Output tokens of thinking, where they are on record.", "{{gen_ai_response_model}}",
             held("gen_ai_client_inference_usage_reasoning_output_tokens_total", MODEL)),
        row("Work"),
        lines("Turns per hour, by what began them", COUNT, "A person, a program, a schedule, the end of a task.",
              {"{{claude_code_turn_origin}}": pace(TURNS, "claude_code_turn_origin", times=HOUR)}, stacked=True),
        lines("Open now", COUNT, "Turns that are not over, and tools without a result.",
              {"turns": "sum(claude_code_turns_open{FROM})", "tools": "sum(claude_code_tools_in_flight{FROM})"}),
        lines("Lines of code per hour", COUNT, "Added and removed by tools that edit files.",
              {"{{type}}": pace("claude_code_lines_of_code_count_total", "type", times=HOUR)}),
        bars("Agent runs", COUNT, "That are over, by agent type.", "{{gen_ai_agent_name}}",
             held(RUNS, "gen_ai_agent_name")),
        number("Pull requests", COUNT, "Linked to sessions in the time shown.",
               held("claude_code_pull_request_count_total"), width=12, noValue="0"),
        number("Cost of a turn", USD, "On average.", f"{held(COST)} / {held(TURNS)}", width=12),
    ])


def tools():
    share = [(None, "green"), (0.1, "orange"), (0.3, "red")]
    return dashboard("tools", "tool reliability", "Which tools fail, are refused, or are cut off.", [
        number("Tool calls", COUNT, "In the time shown.", held(TOOLS), width=6),
        number("Failed", PART, "An error, or out of time.", f"{held(TOOLS, where=FAILED)} / {held(TOOLS)}", share, 6,
               noValue="0 %"),
        number("Refused", PART, "By a person, a rule, a hook, a missing permission.",
               f"{held(TOOLS, where=REFUSED)} / {held(TOOLS)}", share, 6, noValue="0 %"),
        number("Cut off", PART, "Interrupted by a person, or left without a result.",
               f"{held(TOOLS, where=CUT)} / {held(TOOLS)}", share, 6, noValue="0 %"),
        row("Tools"),
        lines("Calls per minute, by tool", COUNT, "The ten with the most calls.",
              {"{{gen_ai_tool_name}}": f"topk(10, {pace(TOOLS, TOOL, times=MINUTE)})"}, stacked=True),
        lines("Calls that did not succeed, per hour", COUNT, "By what became of them.",
              {"{{claude_code_tool_outcome}}": pace(TOOLS, OUTCOME, f'{OUTCOME}!="success"', HOUR)}, stacked=True),
        bars("Share that failed, by tool", PART, "Errors and time-outs; the alert on tool errors uses the same.",
             "{{gen_ai_tool_name}}", f"{held(TOOLS, TOOL, FAILED)} / {held(TOOLS, TOOL)}", max=1),
        bars("Share that was refused, by tool", PART, "Rejected by a person, or denied.",
             "{{gen_ai_tool_name}}", f"{held(TOOLS, TOOL, REFUSED)} / {held(TOOLS, TOOL)}", max=1),
        bars("Calls by tool", COUNT, "In the time shown.", "{{gen_ai_tool_name}}", held(TOOLS, TOOL)),
        bars("Edits by decision", COUNT, "Edits of files accepted and rejected, and what decided.",
             "{{tool_name}} {{decision}} {{source}} {{language}}",
             held("claude_code_code_edit_tool_decision_total", "tool_name, decision, source, language")),
        row("Around them"),
        lines("Failed requests per hour", COUNT, "Each attempt on record, by status and class.",
              {"{{http_response_status_code}} {{error_type}}":
                   pace(ERRORS, "http_response_status_code, error_type", times=HOUR)}, stacked=True),
        lines("Errors that ended their turn, per hour", COUNT, "The API failed for good.",
              {"{{error_type}}": pace(ERRORS, "error_type", 'claude_code_api_error_final="true"', HOUR)}, stacked=True),
        lines("Turns per hour, by outcome", COUNT, "unfinished: no end is on record.",
              {"{{claude_code_turn_outcome}}": pace(TURNS, "claude_code_turn_outcome", times=HOUR)}, stacked=True),
        lines("Agent runs per hour, by outcome", COUNT, "Of all agent types.",
              {"{{claude_code_agent_outcome}}": pace(RUNS, "claude_code_agent_outcome", times=HOUR)}, stacked=True),
    ])


MODEL_TIME, TOOL_TIME = "gen_ai_client_inference_duration_seconds", "gen_ai_execute_tool_duration_seconds"
RUN_TIME = "gen_ai_invoke_agent_duration_seconds"
OF_TURNS = 'gen_ai_agent_name="claude-code"'
OF_AGENTS = 'gen_ai_agent_name!="claude-code"'


def latency():
    def quantiles(metric, where=""):
        return {f"p{part}": quantile(part / 100, metric, where=where) for part in (50, 90, 99)}

    def across(metric, by):
        return quantile(0.9, metric, by, "$__range")

    return dashboard("latency", "latency and waits", "How long models, tools, agents and turns took. A tool's time is "
                     "an upper bound: waits for permission and hooks come before its true start.", [
        row("Models"),
        lines("Model calls", SECONDS, "From the request, or what bounds it, to the last line.", quantiles(MODEL_TIME)),
        bars("Model calls, p90 by model", SECONDS, "In the time shown.", "{{gen_ai_response_model}}",
             across(MODEL_TIME, MODEL)),
        row("Tools"),
        lines("Tool calls", SECONDS, "From the line that asks for it to its result: an upper bound.",
              quantiles(TOOL_TIME)),
        bars("Tool calls, p90 by tool", SECONDS, "In the time shown.", "{{gen_ai_tool_name}}", across(TOOL_TIME, TOOL)),
        lines("Failed tool calls, p90", SECONDS, "How long it takes until something has failed.",
              {"{{error_type}}": quantile(0.9, TOOL_TIME, "error_type", where='error_type!=""')}),
        bars("Time in tools", SECONDS, "All calls together; those at the same time count each.", "{{gen_ai_tool_name}}",
             held(f"{TOOL_TIME}_sum", TOOL)),
        row("Turns and agents"),
        lines("Turns", SECONDS, "From the prompt to the last line; a machine that slept slept in the middle of it.",
              quantiles(RUN_TIME, OF_TURNS)),
        bars("Agent runs, p90 by type", SECONDS, "In the time shown.", "{{gen_ai_agent_name}}",
             quantile(0.9, RUN_TIME, "gen_ai_agent_name", "$__range", OF_AGENTS)),
        lines("Busy at the same time", COUNT, "Seconds of work in each second: models, tools, turns, agents.",
              {"models": pace(f"{MODEL_TIME}_sum"), "tools": pace(f"{TOOL_TIME}_sum"),
               "turns": pace(f"{RUN_TIME}_sum", where=OF_TURNS), "agents": pace(f"{RUN_TIME}_sum", where=OF_AGENTS)}),
        row("Waits"),
        lines("Waiting now", COUNT, "Tools without a result: at work, or waiting for a person.",
              {"tools": "sum(claude_code_tools_in_flight{FROM})", "turns": "sum(claude_code_turns_open{FROM})"}),
        lines("Attempts that failed, per hour", COUNT, "Each was followed by a wait or by the end of the turn.",
              {"{{http_response_status_code}}": pace(ERRORS, "http_response_status_code", times=HOUR)}, stacked=True),
    ])


CACHE, COMPACTIONS = "claude_code_cache_tokens_total", "claude_code_compaction_count_total"
INPUT_SIZE = "gen_ai_client_inference_operation_input_tokens"
HIT, MISS, WRITE = (f'result="{result}"' for result in ("hit", "miss", "write"))


def cache():
    def by_source(kind):
        return pace(TOKENS, "query_source", f'type=~"{kind}"')

    return dashboard("cache", "cache", "What the prompt cache did for input tokens.", [
        number("Read from the cache", PART, "Of all input tokens; the alert on the cache uses the same.",
               f"{held(CACHE, where=HIT)} / {held(CACHE)}", [(None, "red"), (0.3, "orange"), (0.7, "green")], 6),
        number("Read for each one written", COUNT, "Writing for five minutes pays from 0.3, for an hour from 1.1 on.",
               f"{held(CACHE, where=HIT)} / {held(CACHE, where=WRITE)}", width=6),
        number("Written", COUNT, "Tokens.", held(CACHE, where=WRITE), width=6),
        number("In no cache", COUNT, "Tokens at the full price.", held(CACHE, where=MISS), width=6),
        row("Over time"),
        lines("Read from the cache, by model", PART, "Of all input tokens.",
              {"{{gen_ai_response_model}}": f"{pace(CACHE, MODEL, HIT)} / {pace(CACHE, MODEL)}"}, max=1),
        lines("Input tokens per minute", COUNT, "hit: read from the cache; write: written to it; miss: neither.",
              {"{{result}}": pace(CACHE, "result", times=MINUTE)}, stacked=True),
        lines("Written, by lifetime", COUNT, "Tokens per minute; no lifetime where no line says so.",
              {"{{ttl}}": pace(CACHE, "ttl", WRITE, MINUTE)}, stacked=True),
        lines("Read from the cache, main conversation and agents", PART, "Agents begin with an empty context.",
              {"{{query_source}}": f"{by_source('cacheRead')} / {by_source('input|cacheRead|cacheCreation')}"}, max=1),
        row("Context"),
        lines("Input of a call", COUNT, "Tokens, from and to the cache included: how full the context is.",
              {f"p{part}": quantile(part / 100, INPUT_SIZE) for part in (50, 90, 99)}),
        lines("Compactions per hour", COUNT, "Each begins a new prefix, which is written anew.",
              {"{{claude_code_compaction_trigger}}":
                   pace(COMPACTIONS, "claude_code_compaction_trigger", times=HOUR)}, stacked=True),
        bars("Read from the cache, by model", PART, "In the time shown.", "{{gen_ai_response_model}}",
             f"{held(CACHE, MODEL, HIT)} / {held(CACHE, MODEL)}", max=1, width=WIDTH),
    ])


def health():
    def either(name):
        # Told by OTLP it has the suffix of a gauge without a unit; asked for at /metrics it has none.
        return f"min(claude_otel_{name}_ratio{{FROM}} or claude_otel_{name}{{FROM}})"

    def exported(what):
        return pace(f"claude_otel_export_{what}_total", "signal", times=MINUTE)

    wrong = [(None, "green"), (1, "red")]
    return dashboard("health", "exporter health", "How claude-otel itself is: what it read, what it delivered, what is "
                     "behind. Choose one service where both ways to ask are in use.", [
        number("Ready", "bool_yes_no", "What is written is delivered, everywhere.", either("ready"),
               [(None, "red"), (1, "green")]),
        number("Following", "bool_yes_no", "Everything that was there at the start is handed over or left out.",
               either("following"), [(None, "red"), (1, "green")]),
        number("Behind", SECONDS, "Since the oldest bytes were written that are not known to be delivered.",
               "max(claude_otel_lag_duration_seconds{FROM})", [(None, "green"), (300, "orange"), (900, "red")]),
        number("Behind", BYTES, "Written and not known to be delivered.", "sum(claude_otel_lag_size_bytes{FROM})"),
        number("Deleted within three days", COUNT, "Sessions that are not exported yet.",
               'sum(claude_otel_unexported_sessions{FROM,days_left=~"[0-3]"})', wrong, noValue="0"),
        number("Set aside", COUNT, "Items that the destination refused, in the time shown.",
               held("claude_otel_export_dead_lettered_total"), wrong, noValue="0"),
        row("Following"),
        lines("Behind", SECONDS, "For each source.", {
            "{{instance}} {{destination}}": "claude_otel_lag_duration_seconds{FROM}"}),
        lines("Lines read per minute", COUNT, "Each as often as it was read.",
              {"{{instance}} {{destination}}": "sum by (instance, destination) "
                                               "(rate(claude_otel_lines_read_total{FROM}[$window])) * 60"}),
        lines("Problems per hour", COUNT, "What was passed by, in the words of status.",
              {"{{kind}}": pace("claude_otel_problems_total", "kind", times=HOUR)}, stacked=True),
        lines("Sweeps per minute", COUNT, "found late: sweeps that found what no event had told of.",
              {"sweeps": pace("claude_otel_sweeps_total", times=MINUTE),
               "found late": pace("claude_otel_missed_events_total", times=MINUTE)}),
        bars("Not exported, by days left", COUNT, "Before the client deletes the transcripts; 30 stands for more, too.",
             "{{days_left}} days", "sum by (days_left) (claude_otel_unexported_sessions{FROM})", width=WIDTH),
        row("Delivering"),
        lines("Delivered per minute", COUNT, "Spans, log records and data points.",
              {"{{signal}}": exported("delivered")}),
        lines("Not taken, per minute", COUNT, "Rejected by partial success, set aside, requests sent again.",
              {"{{signal}} rejected": exported("rejected"), "{{signal}} set aside": exported("dead_lettered"),
               "{{signal}} sent again": exported("retries")}),
        lines("Answers of the destination, p95", SECONDS, "From a request to its answer, or to giving up on it.",
              {"{{signal}}": quantile(0.95, "claude_otel_export_duration_seconds", "signal")}),
        lines("Deliveries remembered per minute", COUNT, "Nothing here while spans are delivered: the state does not "
              "keep what it should.", {"commits": pace("claude_otel_checkpoint_commits_total", times=MINUTE)}),
        row("The process"),
        lines("Memory", BYTES, "Resident.", {"{{instance}}": "claude_otel_process_memory_bytes{FROM}"}, width=8),
        lines("Processors", PART, "Of one core.",
              {"{{instance}}": "rate(claude_otel_process_cpu_seconds_total{FROM}[$window])"}, width=8),
        lines("Secrets taken out, per hour", COUNT, "By the rule that found them.",
              {"{{rule}}": pace("claude_otel_redactions_total", "rule", times=HOUR)}, stacked=True, width=8),
    ], known_by="claude_otel_lag_size_bytes", since="now-24h")


def documents():
    """Every file and what belongs into it."""
    for build in (usage, tools, latency, cache, health):
        text = json.dumps(build(), indent=2, ensure_ascii=False) + "\n"
        yield FOLDER / f"{build.__name__}.json", text


def main():
    stale = [(path, text) for path, text in documents() if not path.exists() or path.read_text() != text]
    for path, text in stale:
        print(f"{path.name} is out of date" if "--check" in sys.argv else f"wrote {path.name}")
        if "--check" not in sys.argv:
            path.write_text(text)
    if stale and "--check" in sys.argv:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
