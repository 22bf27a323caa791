"""Phoenix as a backend: read back over its own REST interface (and counted over GraphQL)."""

import contextlib
import datetime
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

import money
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
# A name for the project that the preset is tried with.
CHOSEN = "chosen"
STATUS = {"UNSET": 0, "OK": 1, "ERROR": 2}


def version(_keep):
    return ", ".join(WHEELS)


class Phoenix:
    """A running Phoenix."""

    def __init__(self, http_port, grpc_port):
        self.project = PROJECT
        self.http = f"http://127.0.0.1:{http_port}"
        self.grpc = f"http://127.0.0.1:{grpc_port}"

    def _pages(self, path, **parameters):
        cursor = None
        while True:
            query = urllib.parse.urlencode({**parameters, **({"cursor": cursor} if cursor else {})})
            try:
                with urllib.request.urlopen(f"{self.http}/v1/projects/{self.project}/{path}?{query}", timeout=60) as answer:
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
        return self.totals().get("recordCount", 0)

    def _query(self, text, **variables):
        query = json.dumps({"query": text, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.http}/graphql", query, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["data"]

    def totals(self):
        """What the project's page shows above everything."""
        names = "name recordCount tokenCountTotal tokenCountPrompt tokenCountCompletion costSummary { total { cost } }"
        projects = self._query("{ projects { edges { node { %s } } } }" % names)["projects"]["edges"]
        return next((edge["node"] for edge in projects if edge["node"]["name"] == self.project), {})

    def costs(self):
        """What it says that each span costs."""
        found, after = {}, None
        page = """query ($after: String) { projects { edges { node { name spans(first: 1000, after: $after) {
            pageInfo { hasNextPage endCursor } edges { node { spanId costSummary { total { cost } } } } } } } } }"""
        while True:
            projects = self._query(page, after=after)["projects"]["edges"]
            spans = next(edge["node"]["spans"] for edge in projects if edge["node"]["name"] == self.project)
            for span in (edge["node"] for edge in spans["edges"]):
                found[span["spanId"]] = span["costSummary"] and span["costSummary"]["total"]["cost"]
            if not spans["pageInfo"]["hasNextPage"]:
                return found
            after = spans["pageInfo"]["endCursor"]

    def session_tokens(self):
        """Its sums of tokens by session."""
        page = """{ projects { edges { node { name sessions(first: 1000) { edges { node { sessionId
            tokenUsage { prompt completion } } } } } } } }"""
        projects = self._query(page)["projects"]["edges"]
        sessions = next(edge["node"]["sessions"]["edges"] for edge in projects if edge["node"]["name"] == self.project)
        return {edge["node"]["sessionId"]: (edge["node"]["tokenUsage"]["prompt"], edge["node"]["tokenUsage"]["completion"])
                for edge in sessions}

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


def check(program, scratch):
    """Every transport span by span, then what its pages show with the preset."""
    import transports

    return all([transports.check(program, sys.modules[__name__], scratch), check_pages(program, scratch)])


def check_pages(program, scratch):
    """Tokens and costs of the project, its traces and its sessions, in each vocabulary."""
    is_right = True
    for number, more in enumerate(([], ["--vocab", "claude_code"], ["--vocab", "openinference"])):
        folder = scratch / f"pages-{number}"
        folder.mkdir()
        files = sorted(program.files(folder, "--signals", "traces", *more).glob("traces*.jsonl"))
        expected = [span for file in files for span in otlp.from_file(file)]
        with start(folder) as server:
            server.project = CHOSEN
            program.summary(folder, "--preset", "phoenix", *more, PHOENIX_COLLECTOR_ENDPOINT=server.http,
                            PHOENIX_PROJECT_NAME=CHOSEN)
            process.wait_until_quiet(server._count, len(expected))
            # Costs are worked out behind the spans.
            process.wait_until_quiet(lambda: server.totals()["costSummary"]["total"]["cost"] or 0, 0)
            sums, totals = otlp.totals(expected), server.totals()
            print(f"\n--preset phoenix {' '.join(more)}: {totals}")
            wrong = [f"{theirs} is {totals[theirs]}" for ours, theirs in
                     (("spans", "recordCount"), ("input", "tokenCountPrompt"), ("output", "tokenCountCompletion"))
                     if totals[theirs] != sums[ours]]
            wrong += server.own_view(expected)
            sessions = {}
            for span in expected:
                own = sessions.setdefault(span.attributes[otlp.SESSION], [0, 0])
                own[0] += span.attributes.get(otlp.INPUT_TOKENS, 0)
                own[1] += span.attributes.get(otlp.OUTPUT_TOKENS, 0)
            theirs = server.session_tokens()
            wrong += [f"session {session}: {own} tokens are {theirs.get(session)}" for session, own in sessions.items()
                      if theirs.get(session) != tuple(own)]
            wrong += money.compare(expected, server.costs())
        print(f"    {len(sessions)} sessions, {len(wrong)} differences")
        for text in wrong[:5]:
            print(f"    {text}")
        is_right = is_right and not wrong
    return is_right
