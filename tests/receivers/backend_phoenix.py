"""Phoenix as a backend: read back over its own REST interface (and counted over GraphQL)."""

import contextlib
import datetime
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

import otlp
import process

WHEELS = ("arize-phoenix==20.26.1",)
# Phoenix drops the span kind, flags, links, resource and scope, and adds attributes in its own words.
FIELDS = ("trace_id", "parent_id", "name", "start", "end", "status", "attributes", "events")
EXTRA_ATTRIBUTES = True
MERGES = True
# It takes protobuf alone.
REFUSES = ("http/json",)
PROJECT = "default"
STATUS = {"UNSET": 0, "OK": 1, "ERROR": 2}


class Phoenix:
    """A running Phoenix."""

    def __init__(self, http_port, grpc_port):
        self.http = f"http://127.0.0.1:{http_port}"
        self.grpc = f"http://127.0.0.1:{grpc_port}"

    def _pages(self, path, **parameters):
        cursor = None
        while True:
            query = urllib.parse.urlencode({**parameters, **({"cursor": cursor} if cursor else {})})
            try:
                with urllib.request.urlopen(f"{self.http}/v1/projects/{PROJECT}/{path}?{query}", timeout=60) as answer:
                    page = json.load(answer)
            except urllib.error.HTTPError as error:
                # The project is made with its first span.
                if error.code == 404:
                    return
                raise
            yield from page["data"]
            cursor = page.get("next_cursor")
            if not cursor:
                return

    def spans(self, at_least):
        """What is stored, once nothing more comes."""
        process.wait_until_quiet(self._count, at_least)
        return [_span(data) for data in self._pages("spans", limit=1000)]

    def _count(self):
        query = json.dumps({"query": "{ projects { edges { node { name recordCount } } } }"}).encode()
        request = urllib.request.Request(f"{self.http}/graphql", query, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            projects = [edge["node"] for edge in json.load(answer)["data"]["projects"]["edges"]]
        return sum(project["recordCount"] for project in projects if project["name"] == PROJECT)

    def own_view(self, expected):
        """Phoenix's own sums and sessions, which its pages show, against ours: differences as texts."""
        wrong = []
        tokens, sessions = {}, {}
        for span in expected:
            sums = tokens.setdefault(span.trace_id, [0, 0])
            sums[0] += span.attributes.get(otlp.INPUT_TOKENS, 0)
            sums[1] += span.attributes.get(otlp.OUTPUT_TOKENS, 0)
            sessions.setdefault(span.attributes[otlp.SESSION], set()).add(span.trace_id)
        traces = {trace["trace_id"]: [trace["token_count_prompt"], trace["token_count_completion"]]
                  for trace in self._pages("traces", limit=1000)}
        wrong += [f"trace {trace}: {sums} tokens are {traces.get(trace)}"
                  for trace, sums in tokens.items() if traces.get(trace) != sums]
        stored = {session["session_id"]: {trace["trace_id"] for trace in session["traces"]}
                  for session in self._pages("sessions", limit=1000)}
        wrong += [f"session {session}: {len(ids)} traces are {len(stored.get(session, ()))}"
                  for session, ids in sessions.items() if stored.get(session) != ids]
        return wrong


def _span(data):
    return otlp.Span(
        span_id=data["context"]["span_id"],
        trace_id=data["context"]["trace_id"],
        parent_id=data["parent_id"] or "",
        name=data["name"],
        start=_nanoseconds(data["start_time"]),
        end=_nanoseconds(data["end_time"]),
        status=STATUS[data["status_code"]],
        attributes=data["attributes"],
        events=tuple((event["name"], _nanoseconds(event["timestamp"]), event["attributes"])
                     for event in data["events"]),
    )


def _nanoseconds(text):
    """Phoenix keeps microseconds; claude-otel's times are whole milliseconds, so nothing is lost."""
    since = datetime.datetime.fromisoformat(text) - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return (since // datetime.timedelta(microseconds=1)) * 1000


@contextlib.contextmanager
def start(folder):
    """Starts Phoenix with an empty database."""
    http_port, grpc_port = process.free_port(), process.free_port()
    environment = {
        "HOME": str(folder),
        "PATH": os.environ.get("PATH", ""),
        "PHOENIX_WORKING_DIR": str(folder),
        "PHOENIX_HOST": "127.0.0.1",
        "PHOENIX_PORT": str(http_port),
        "PHOENIX_GRPC_PORT": str(grpc_port),
        "PHOENIX_TELEMETRY_ENABLED": "false",
        "PHOENIX_ALLOW_EXTERNAL_RESOURCES": "false",
    }
    command = [os.path.join(os.path.dirname(sys.executable), "phoenix"), "serve"]
    with process.running(command, folder / "phoenix.log", environment) as server:
        is_up = lambda: process.answers(f"http://127.0.0.1:{http_port}/healthz") and process.listens(grpc_port)
        process.wait_for("phoenix", is_up, server)
        yield Phoenix(http_port, grpc_port)
