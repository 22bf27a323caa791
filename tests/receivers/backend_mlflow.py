"""MLflow as a backend: what its own interface says of tokens, costs and sessions."""

import base64
import collections
import contextlib
import json
import os
import sys
import urllib.request

import money
import otlp
import process

WHEELS = ("mlflow==3.17.2",)
# It takes its time over a full request.
PATIENCE = "2m"
USAGE, COST, SESSION = "mlflow.trace.tokenUsage", "mlflow.trace.cost", "mlflow.trace.session"
# Models whose prices are others in its list.
OTHER_PRICES = {"claude-sonnet-5-5"}
TOKENS = {
    "input_tokens": otlp.INPUT_TOKENS, "output_tokens": otlp.OUTPUT_TOKENS,
    "cache_read_input_tokens": "gen_ai.usage.cache_read.input_tokens",
    "cache_creation_input_tokens": "gen_ai.usage.cache_creation.input_tokens",
}


def version(_keep):
    return ", ".join(WHEELS)


class MlFlow:
    """A running MLflow with one experiment."""

    def __init__(self, port):
        self.http = f"http://127.0.0.1:{port}"
        made = self._post("2.0/mlflow/experiments/create", {"name": "claude"})
        self.experiment = made["experiment_id"]
        self.variables = {"MLFLOW_TRACKING_URI": self.http, "MLFLOW_EXPERIMENT_ID": self.experiment}

    def _post(self, path, body):
        request = urllib.request.Request(f"{self.http}/api/{path}", json.dumps(body).encode(),
                                         {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def traces(self):
        """Every trace, by its id in hexadecimal digits."""
        place = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": self.experiment}}
        found, token = {}, None
        while True:
            page = self._post("3.0/mlflow/traces/search", {"locations": [place], "max_results": 500,
                                                           **({"page_token": token} if token else {})})
            found |= {trace["trace_id"].removeprefix("tr-"): trace for trace in page.get("traces", [])}
            token = page.get("next_page_token")
            if not token:
                return found

    def sums(self, metric, view="TRACES"):
        """A sum over all traces, as its pages show it."""
        answer = self._post("3.0/mlflow/traces/metrics", {
            "experiment_ids": [self.experiment], "view_type": view, "metric_name": metric,
            "aggregations": [{"aggregation_type": "SUM"}]})
        return sum(point["values"]["SUM"] for point in answer.get("data_points", []))

    def span_costs(self, traces):
        """What it says that each span costs."""
        found = {}
        for trace in traces:
            with urllib.request.urlopen(f"{self.http}/api/3.0/mlflow/traces/get?trace_id=tr-{trace}", timeout=60) as answer:
                spans = json.load(answer)["trace"]["spans"]
            for span in spans:
                cost = next((one["value"] for one in span["attributes"] if one["key"] == "mlflow.llm.cost"), None)
                found[base64.b64decode(span["span_id"]).hex()] = _total(cost)
        return found


def _total(value):
    """The whole of a cost, which is a map of three amounts."""
    if not value:
        return None
    if "string_value" in value:
        return json.loads(value["string_value"])["total_cost"]
    amounts = {one["key"]: one["value"]["double_value"] for one in value["kvlist_value"]["values"]}
    return amounts["total_cost"]


@contextlib.contextmanager
def start(folder):
    """Starts MLflow with an empty database."""
    port = process.free_port()
    environment = {"HOME": str(folder), "PATH": os.environ.get("PATH", ""), "MLFLOW_DISABLE_TELEMETRY": "true",
                   "DO_NOT_TRACK": "true"}
    command = [os.path.join(os.path.dirname(sys.executable), "mlflow"), "server", "--host", "127.0.0.1", "--port", port,
               "--workers", 1, "--backend-store-uri", f"sqlite:///{folder}/mlflow.db",
               "--artifacts-destination", folder / "artifacts"]
    with process.running(command, folder / "mlflow.log", environment) as server:
        process.wait_for("mlflow", lambda: process.answers(f"http://127.0.0.1:{port}/health"), server)
        yield MlFlow(port)


def check(program, scratch):
    """Sends by the preset, compares, sends once more, and compares again."""
    files = sorted(program.files(scratch, "--signals", "traces").glob("traces*.jsonl"))
    expected = [span for file in files for span in otlp.from_file(file)]
    is_right = True
    with start(scratch) as server:
        for what in ("sent", "sent again"):
            program.summary(scratch, "--preset", "mlflow", "--timeout", PATIENCE, **server.variables)
            wrong = compare(server, expected)
            print(f"{what}: {len(wrong)} differences")
            for text in wrong[:5]:
                print(f"    {text}")
            is_right = is_right and not wrong
    return is_right


def compare(server, expected):
    """Its traces and sums against our spans: differences as texts."""
    wanted, sessions = collections.defaultdict(collections.Counter), {}
    for span in expected:
        sessions[span.trace_id] = span.attributes[otlp.SESSION]
        for theirs, ours in TOKENS.items():
            wanted[span.trace_id][theirs] += span.attributes.get(ours, 0)
    traces = server.traces()
    wrong = [f"trace {trace} is {'missing' if trace in sessions else 'unknown'}" for trace in sessions.keys() ^ traces.keys()]
    for trace, info in traces.items():
        told = json.loads(info["trace_metadata"].get(USAGE, "{}"))
        own = {name: told.get(name, 0) for name in TOKENS}
        wrong += [f"trace {trace}: {dict(wanted[trace])} is {own}"] if own != {name: wanted[trace][name] for name in TOKENS} else []
        session = info["trace_metadata"].get(SESSION)
        wrong += [f"trace {trace}: session {sessions.get(trace)} is {session}"] if session != sessions.get(trace) else []
    whole = otlp.totals(expected)
    sums = {name: server.sums(name) for name in ("input_tokens", "output_tokens", "total_tokens")}
    told = {"input_tokens": whole["input"], "output_tokens": whole["output"],
            "total_tokens": whole["input"] + whole["output"]}
    wrong += [f"sum of {name}: {told[name]} is {value}" for name, value in sums.items() if value != told[name]]
    with_cost = [trace for trace, info in traces.items() if COST in info["trace_metadata"]]
    print(f"{len(traces)} traces, {len(set(sessions.values()))} sessions, {sums}")
    return wrong + money.compare(expected, server.span_costs(with_cost), OTHER_PRICES)
