"""VictoriaMetrics as a backend of metrics: sums, points of the past, histograms, and what is sent twice."""

import bisect
import collections
import contextlib
import datetime
import json
import math
import shutil
import subprocess
import time
import urllib.parse
import urllib.request

import boards
import otlp
import process
from program import REFUSED

WHEELS = ()
# Debian's package; the releases that are stable today have older ones.
SUITE, PACKAGE = "sid", "victoria-metrics"
# The program's own: a point each minute.
EVERY = 60_000
MODEL, OUTCOME = "gen_ai.response.model", "claude_code.tool.outcome"
# How many times of the past are looked at.
TIMES = 12
HISTOGRAMS = {
    "gen_ai.client.operation.duration": (lambda span: span.name.startswith("chat"), lambda span: seconds(span)),
    "gen_ai.execute_tool.duration": (lambda span: "gen_ai.tool.name" in span.attributes, lambda span: seconds(span)),
    "gen_ai.client.inference.operation.input_tokens":
        (lambda span: span.name.startswith("chat"), lambda span: span.attributes[otlp.INPUT_TOKENS]),
}


def seconds(span):
    return (span.end - span.start) / 1e9


def version(keep):
    binary = program_in(keep)
    done = subprocess.run([binary, "-version"], capture_output=True, text=True, check=True)
    package = sorted((keep / PACKAGE).glob("*.deb"))[-1].name
    return f"{package} ({(done.stdout or done.stderr).strip()})"


def program_in(keep):
    """Unpacks the package, with settings of apt of its own, so that the machine's stay as they are."""
    home = keep / PACKAGE
    binary = home / "usr/bin/victoria-metrics"
    if binary.exists():
        return binary
    for folder in ("lists/partial", "cache/archives/partial"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    mirrors = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Origin: Debian"],
                             capture_output=True, text=True, check=True).stdout.split()
    mirror = next(mirror for mirror in mirrors if "security" not in mirror)
    source = home / "sources.list"
    source.write_text(f"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {mirror} {SUITE} main\n")
    settings = {"Dir::Etc::sourcelist": source, "Dir::Etc::sourceparts": "/dev/null", "Dir::State": home,
                "Dir::State::status": "/dev/null", "Dir::Cache": home / "cache", "APT::Sandbox::User": "root"}
    apt = ["apt-get", "--quiet=2", *(part for name, value in settings.items() for part in ("-o", f"{name}={value}"))]
    subprocess.run([*apt, "update"], check=True)
    subprocess.run([*apt, "download", PACKAGE], cwd=home, check=True)
    subprocess.run(["dpkg-deb", "--extract", sorted(home.glob("*.deb"))[-1], home], check=True)
    return binary


class Victoria:
    """A running VictoriaMetrics."""

    def __init__(self, port):
        self.address = f"http://127.0.0.1:{port}"
        # Where a user sends metrics; nothing says where traces or logs go, so these are not sent.
        self.variables = {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": f"{self.address}/opentelemetry/v1/metrics"}

    def _get(self, path, **parameters):
        with urllib.request.urlopen(f"{self.address}/{path}?{urllib.parse.urlencode(parameters)}", timeout=60) as answer:
            return answer.read()

    def sums(self, metric, labels, then=None, without=None):
        """The latest value at a time of every series of a metric, added up by labels."""
        self._get("internal/force_flush")
        escaped = ", ".join(label.replace(".", "\\.") for label in labels)
        but = f', {without}!="true"'.replace(".", "\\.") if without else ""
        query = f'sum(last_over_time({{__name__="{metric}"{but}}}[100y])) by ({escaped})'
        at = {} if then is None else {"time": then / 1000}
        found = json.loads(self._get("api/v1/query", query=query, nocache=1, **at))["data"]["result"]
        return {tuple(row["metric"].get(label, "") for label in labels): float(row["value"][1]) for row in found}

    def ask(self, query):
        """The rows of an answer about now."""
        return json.loads(self._get("api/v1/query", query=query, nocache=1))["data"]["result"]

    def settle(self):
        """Waits until everything that was acknowledged is found: new series are after about a second."""
        process.wait_until_quiet(lambda: sum(map(len, self.samples().values())), 1)

    def samples(self):
        """Every sample that is stored."""
        self._get("internal/force_flush")
        rows = map(json.loads, self._get("api/v1/export", **{"match[]": '{__name__!=""}'}).splitlines())
        return {json.dumps(row["metric"], sort_keys=True): sorted(zip(row["timestamps"], row["values"])) for row in rows}


@contextlib.contextmanager
def start(binary, folder, *flags):
    """Starts VictoriaMetrics with an empty store."""
    port = process.free_port()
    # Nothing of the past is kept for longer than this, whatever is acknowledged.
    command = [binary, f"-storageDataPath={folder / 'store'}", f"-httpListenAddr=127.0.0.1:{port}",
               "-retentionPeriod=100y", *flags]
    with process.running(command, folder / "victoria.log", {"HOME": str(folder)}) as server:
        process.wait_for("victoria", lambda: process.answers(f"http://127.0.0.1:{port}/health"), server)
        yield Victoria(port)


def check(program, scratch):
    """Sums of now, points of the past, and histograms."""
    binary = program_in(program.keep)
    files = program.files(scratch)
    spans = [span for file in sorted(files.glob("traces*.jsonl")) for span in otlp.from_file(file)]
    results = []
    for name, part in (("now", check_now), ("watch", check_watch), ("past", check_past),
                       ("past, merged", check_past), ("explicit", check_histograms), ("exponential", check_histograms),
                       ("dashboards", check_dashboards)):
        folder = scratch / name
        folder.mkdir()
        wrong = part(program, binary, folder, spans, name)
        print(f"{name:<14}{len(wrong)} differences" if wrong else f"{name:<14}no difference")
        for text in wrong[:5]:
            print(f"    {text}")
        results.append(not wrong)
    return all(results)


def compare(what, expected, found):
    """Differences as texts; money is a sum of fractions."""
    keys = {key for both in (expected, found) for key, value in both.items() if value}
    return [f"{what} {key}: {expected.get(key, 0)} is {found.get(key, 0)}" for key in sorted(keys, key=str)
            if not math.isclose(expected.get(key, 0), found.get(key, 0), rel_tol=1e-9, abs_tol=1e-12)]


def of_summary(server, summary):
    """The sums against what the program says of the same transcripts."""
    hidden = "claude_otel.usage.hidden"
    total = {"input": "input", "output": "output", "cacheRead": "cache_read", "cacheCreation": "cache_creation"}
    wrong = compare("tokens", {(kind,): summary["tokens"][name] for kind, name in total.items()},
                    server.sums("claude_code.token.usage", ["type"], without=hidden))
    by_model = {(model, kind): values["tokens"][name] for model, values in summary["models"].items()
                for kind, name in total.items()}
    wrong += compare("tokens", by_model, server.sums("claude_code.token.usage", ["model", "type"], without=hidden))
    wrong += compare("calls", {(model,): values["calls"] for model, values in summary["models"].items()},
                     server.sums("claude_code.llm.calls", [MODEL]))
    wrong += compare("cost", {(): summary["cost"]["usd"]}, server.sums("claude_code.cost.usage", [], without=hidden))
    wrong += compare("tools", {(tool,): values["calls"] for tool, values in summary["tools"].items()},
                     server.sums("claude_code.tool.calls", ["gen_ai.tool.name"]))
    wrong += compare("turns", {(): summary["turns"]}, server.sums("claude_code.turn.count", []))
    return wrong


def check_now(program, binary, folder, _spans, _name):
    """The running totals, told twice; and OTLP/JSON, which it does not read."""
    with start(binary, folder) as server:
        done = program.backfill(folder, "--metrics", "now", "--protocol", "http/json", **server.variables)
        said = next((line for line in done.stdout.splitlines() if "refused" in line), "").strip()
        print(f"http/json     exit code {done.returncode}: {said}")
        if done.returncode != REFUSED or "--protocol http/protobuf" not in said:
            return [f"http/json: exit code {done.returncode}: {done.stdout}{done.stderr}"]
        summary = program.summary(folder, "--metrics", "now", **server.variables)
        server.settle()
        wrong = of_summary(server, summary)
        program.summary(folder, "--metrics", "now", **server.variables)
        server.settle()
        return wrong + of_summary(server, summary)


def check_watch(program, binary, folder, _spans, _name):
    """What a watcher tells, twice, against the spans that another one sends at the same time."""
    done = program.run(folder, "watch", "--once", "--backfill", "all", "--otlp-file", folder / "final")
    if done.returncode:
        return [f"exit code {done.returncode}: {done.stderr}"]
    files = sorted((folder / "final").glob("traces*.jsonl"))
    spans = [span for file in files for span in otlp.from_file(file)]
    with start(binary, folder) as server:
        wrong = []
        for _ in range(2):
            done = program.run(folder, "watch", "--once", "--backfill", "all", **server.variables)
            if done.returncode:
                return [f"exit code {done.returncode}: {done.stderr}"]
            server.settle()
            wrong += of_spans(server, spans, int(time.time() * 1000))
        return wrong


def check_dashboards(program, binary, folder, _spans, _name):
    """Whether every panel finds something of what a watcher tells, under the names that Prometheus has."""
    live = folder / "live"
    live.mkdir()
    with start(binary, folder, "-opentelemetry.usePrometheusNaming") as server:
        # A minute is too long between two tellings, and half an hour for what nothing but quiet closes.
        command = [program.binary, "watch", "--root", live, "--backfill", "all", "--session-idle", "3s",
                   "--max-open", "5s"]
        variables = {"HOME": str(folder), "OTEL_METRIC_EXPORT_INTERVAL": "1000", **server.variables}
        with process.running(command, folder / "watch.log", variables) as watcher:
            process.wait_for("the watcher", lambda: server.ask("claude_otel_following_ratio == 1"), watcher)
            # One after the other, since a pace can be told of series only that grow.
            for number, part in enumerate(sorted(part for root in program.roots for part in root.iterdir())):
                shutil.copytree(part, live / str(number))
                time.sleep(0.3)
            end = time.monotonic() + process.PATIENCE
            while (wrong := boards.check(server)) and time.monotonic() < end:
                time.sleep(2)
            return wrong


def check_past(program, binary, folder, spans, name):
    """Points of the past against sums over spans, and everything again in three ways."""
    ends = sorted(span.end // 1_000_000 for span in spans if span.name.startswith("chat"))
    picked = {ends[len(ends) * number // TIMES] for number in range(TIMES)} | {ends[-1]}
    times = [(end // EVERY + 1) * EVERY for end in sorted(picked)]
    # Samples of one millisecond are one with this: then what is sent twice is stored once.
    flags = ["-dedup.minScrapeInterval=1ms"] if name == "past, merged" else []
    with start(binary, folder, *flags) as server:
        program.summary(folder, "--metrics", "historical", **server.variables)
        server.settle()
        wrong = [text for then in times for text in of_spans(server, spans, then)]
        before = server.samples()
        middle = str(times[len(times) // 2] // 1000)
        again = {
            "backfill": ["backfill", "--finish", "--again"],
            "reexport": ["reexport", "--finish", "--since", "2020-01-01"],
            "reexport of a part": ["reexport", "--finish", "--since", stamp(int(middle))],
        }
        for what, command in again.items():
            done = program.run(folder, *command, "--metrics", "historical", **server.variables)
            wrong += [f"{what}: exit code {done.returncode}: {done.stderr}"] if done.returncode else []
            server.settle()
            after = server.samples()
            changed = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
            changed = changed if flags else []
            wrong += [f"{what}: {len(changed)} of {len(before)} series changed, such as {changed[0]}"] if changed else []
            wrong += [f"{what}: {text}" for then in times for text in of_spans(server, spans, then)]
        print(f"              {len(times)} times from {stamp(times[0] // 1000)} to {stamp(times[-1] // 1000)}, "
              f"{len(before)} series, {sum(map(len, before.values()))} samples")
    return wrong


def stamp(seconds_since):
    return datetime.datetime.fromtimestamp(seconds_since, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def of_spans(server, spans, then):
    """What is stored for a time against the spans that had ended by then."""
    tokens, calls, cost, tools, turns = (collections.Counter() for _ in range(5))
    # A compaction that somebody asked for is no turn of the conversation.
    compacted = {span.parent_id for span in spans if span.name == "compaction"}
    kinds = {"input": "claude_code.usage.uncached_input_tokens", "output": otlp.OUTPUT_TOKENS,
             "cacheRead": "gen_ai.usage.cache_read.input_tokens",
             "cacheCreation": "gen_ai.usage.cache_creation.input_tokens"}
    for span in spans:
        if span.end >= then * 1_000_000:
            continue
        own = span.attributes
        if span.name.startswith("chat"):
            model = own.get(MODEL, "")
            calls[model,] += 1
            cost[model,] += own.get("claude_code.cost_usd", 0)
            for kind, name in kinds.items():
                tokens[model, kind] += own.get(name, 0)
        elif "gen_ai.tool.name" in own:
            tools[own["gen_ai.tool.name"], own[OUTCOME]] += 1
        elif "claude_code.turn.outcome" in own and not (own["claude_code.turn.origin"] == "command"
                                                        and span.span_id in compacted):
            turns[own["claude_code.turn.outcome"],] += 1
    hidden = "claude_otel.usage.hidden"
    wrong = compare("tokens", tokens, server.sums("claude_code.token.usage", ["model", "type"], then, hidden))
    wrong += compare("cost", cost, server.sums("claude_code.cost.usage", ["model"], then, hidden))
    wrong += compare("calls", calls, server.sums("claude_code.llm.calls", [MODEL], then))
    wrong += compare("tools", tools, server.sums("claude_code.tool.calls", ["gen_ai.tool.name", OUTCOME], then))
    wrong += compare("turns", turns, server.sums("claude_code.turn.count", ["claude_code.turn.outcome"], then))
    return [f"{stamp(then // 1000)}: {text}" for text in wrong]


def check_histograms(program, binary, folder, spans, kind):
    """Counts, sums and buckets against the spans' own lengths and tokens."""
    with start(binary, folder) as server:
        program.summary(folder, "--metrics", "now", "--histogram", kind, **server.variables)
        server.settle()
        wrong = []
        for name, (is_of_it, value_of) in HISTOGRAMS.items():
            values = sorted(value_of(span) for span in spans if is_of_it(span))
            wrong += compare(f"{name} count", {(): len(values)}, server.sums(f"{name}_count", []))
            wrong += compare(f"{name} sum", {(): sum(values)}, server.sums(f"{name}_sum", []))
            label = "le" if kind == "explicit" else "vmrange"
            buckets = {row[0]: count for row, count in server.sums(f"{name}_bucket", [label]).items()}
            if kind == "exponential":
                wrong += compare(f"{name} in all buckets", {(): len(values)}, {(): sum(buckets.values())})
            if not buckets:
                wrong.append(f"{name}: there are no buckets")
            for bound, count in buckets.items():
                if kind == "explicit":
                    true = bisect.bisect_right(values, float(bound))
                elif bound.endswith("...0.000e+00"):
                    true = values.count(0)
                else:
                    low, high = (float(end) for end in bound.split("..."))
                    # Bounds are rounded in their names, and each series has ranges as fine as its values allow: so this
                    # many values or fewer are in a range of that name.
                    true = sum(low * 0.999 < value <= high * 1.001 for value in values)
                    true = min(count, true)
                wrong += [f"{name} {label} {bound}: {true} is {count}"] if true != count else []
        return wrong
