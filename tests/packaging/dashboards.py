"""Dashboards and alert rules: current, about names that exist, and no panel that says nothing."""

import json
import re
import shutil
import sys
import tempfile
from pathlib import Path

from common import Missing, run, tool

# What Prometheus makes of units; one in braces is a remark and says nothing in a name.
SUFFIXES = {"s": "_seconds", "ms": "_milliseconds", "By": "_bytes", "USD": "_USD", "tokens": "_tokens"}
# Labels that come from the resource, from buckets, and from whoever asks at /metrics.
EVERYWHERE = {"job", "instance", "le"}
VARIABLES = {"$job": ".*", "$instance": ".*", "$window": "1h", "$__range": "1h"}


def underscored(name):
    return re.sub(r"[^A-Za-z0-9]", "_", name)


def rows(text, heading):
    """The cells of the table's rows whose first column has this heading."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith(f"| {heading} |"):
            next(lines)
            for row in lines:
                if not row.startswith("|"):
                    return
                yield [cell.strip() for cell in row.strip("|").split("|")]


def names(cell):
    return re.findall(r"`([^`]+)`", cell)


def translated(name, instrument, unit):
    """The names of series that Prometheus makes of a metric, with suffixes for units and for counters."""
    base = underscored(name)
    suffix = SUFFIXES.get(unit, "_ratio" if unit == "1" and instrument == "gauge" else "")
    base += "" if base.endswith(suffix) else suffix
    if instrument == "counter":
        return [base if base.endswith("_total") else f"{base}_total"]
    return [base + part for part in ("_bucket", "_sum", "_count")] if instrument == "histogram" else [base]


def documented(packaging):
    """Every series that can be there, with its labels."""
    text = (packaging.repository / "docs/telemetry.md").read_text()
    known = {}
    for name, instrument, unit, attributes, *_ in rows(text, "metric"):
        labels = {underscored(label) for label in names(attributes)}
        for series in translated(names(name)[0], instrument, "".join(names(unit))):
            known[series] = labels
    health = text.split("\n## The agent's own health\n")[1]
    for name, unit, instrument, attributes, asked, _ in rows(health, "name"):
        labels = {underscored(label) for label in names(attributes)} | {"destination"}
        parts = ("_bucket", "_sum", "_count") if instrument == "histogram" else ("",)
        for series in [*translated(names(name)[0], instrument, names(unit)[0]),
                       *(names(asked)[0] + part for part in parts)]:
            known[series] = labels
    if len(known) < 60:
        raise ValueError(f"only {len(known)} series are documented")
    return known


def dashboards(packaging):
    for path in packaging.files("dashboards/*.json"):
        yield path.name, json.loads(path.read_text())


def queries(packaging):
    """Every query with where it stands; variables have a value in it."""
    for name, board in dashboards(packaging):
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                yield f"{name}: {panel['title']}", filled(target["expr"])
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                selector, _ = variable["query"]["query"].removeprefix("label_values(").removesuffix(")").rsplit(", ", 1)
                yield f"{name}: ${variable['name']}", filled(selector)


def filled(query):
    for variable, value in VARIABLES.items():
        query = query.replace(variable, value)
    return query


def rules(packaging):
    """The alert rules. Whoever has the parser for queries has the one for the file."""
    parser()
    import yaml

    [path] = packaging.files("dashboards/alerts.yaml")
    for group in yaml.safe_load(path.read_text())["groups"]:
        yield from group["rules"]


def parser():
    try:
        import promql_parser
        import yaml  # noqa: F401
    except ImportError as error:
        raise Missing("the Python packages promql-parser and PyYAML are not installed") from error
    return promql_parser


def selectors(promql, expression):
    """Every choice of series in an expression, and the labels that what is around it groups by."""
    grouped = set()

    def walk(node):
        modifier = getattr(node, "modifier", None)
        if isinstance(node, promql.AggregateExpr) and modifier is not None:
            grouped.update(modifier.labels)
        if isinstance(node, promql.VectorSelector):
            yield node
        for name in ("lhs", "rhs", "expr", "param", "vector_selector"):
            inner = getattr(node, name, None)
            if inner is not None:
                yield from walk(inner)
        for inner in getattr(node, "args", None) or []:
            yield from walk(inner)

    found = list(walk(expression))
    return found, grouped


def query_problems(promql, known, query):
    try:
        expression = promql.parse(query)
    except ValueError as error:
        yield f"this is no query: {error}"
        return
    found, grouped = selectors(promql, expression)
    if not found:
        yield "it chooses no series"
    possible = set(EVERYWHERE)
    for selector in found:
        if selector.name not in known:
            yield f"{selector.name} is no metric that is documented"
            continue
        labels = known[selector.name] | EVERYWHERE
        possible |= labels
        for matcher in selector.matchers.matchers:
            if matcher.name not in labels:
                yield f"{selector.name} has no label {matcher.name}"
    for label in sorted(grouped - possible):
        yield f"nothing in it has the label {label}"


def known_names(packaging):
    """queries are in PromQL, and ask for documented metrics and labels"""
    promql, known = parser(), documented(packaging)
    count = 0
    for where, query in queries(packaging):
        count += 1
        yield from (f"{where}: {problem}" for problem in query_problems(promql, known, query))
    for rule in rules(packaging):
        count += 1
        yield from (f"{rule['alert']}: {problem}" for problem in query_problems(promql, known, rule["expr"]))
    if count < 80:
        yield f"only {count} queries were found"


def current(packaging):
    """dashboards are what their script writes"""
    [script] = packaging.files("dashboards/build.py")
    result = run([sys.executable, script, "--check"])
    if result.returncode:
        yield (result.stdout or result.stderr).strip().splitlines()[-1]


def described(packaging):
    """panels have a title, a unit and a description, and variables a use"""
    seen = set()
    for name, board in dashboards(packaging):
        if board["id"] is not None or board["uid"] in seen or not board["description"]:
            yield f"{name}: it has a number of one installation, no description, or the id of another one"
        seen.add(board["uid"])
        text = json.dumps(board["panels"])
        for variable in board["templating"]["list"]:
            if not re.search(rf"\$\{{?{variable['name']}\b", text):
                yield f"{name}: ${variable['name']} is not used"
            if variable["type"] == "query" and variable["datasource"]["uid"] != "${datasource}":
                yield f"{name}: ${variable['name']} has a data source of its own"
        used = set(re.findall(r"\$\{?(\w+)", text)) - {variable["name"] for variable in board["templating"]["list"]}
        yield from (f"{name}: ${variable} is not there" for variable in sorted(used - {"__range"}))
        yield from (f"{name}: {problem}" for panel in board["panels"] for problem in panel_problems(panel))
        yield from (f"{name}: {problem}" for problem in overlaps(board["panels"]))


def panel_problems(panel):
    if not panel["title"]:
        yield "a panel has no title"
    if panel["type"] == "row":
        return
    if not panel["description"] or not panel["fieldConfig"]["defaults"]["unit"] or not panel["targets"]:
        yield f"{panel['title']} has no description, no unit or no query"
    for place in (panel, *panel["targets"]):
        if place["datasource"]["uid"] != "${datasource}":
            yield f"{panel['title']} has a data source of its own"
    for target in panel["targets"]:
        for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
            if not re.search(rf"\b{label}\b", target["expr"]) and label not in ("instance", "destination"):
                yield f"{panel['title']}: the legend names {label}, which the query does not keep"


def overlaps(panels):
    taken = {}
    for panel in panels:
        place = panel["gridPos"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                other = taken.setdefault((x, y), panel["id"])
                if x >= 24 or other != panel["id"]:
                    yield f"{panel['title']} lies on another panel or outside of the page"
                    return


def explained(packaging):
    """alerts have a severity, a summary, what to do, and a test of being raised and of not"""
    import yaml

    [path] = packaging.files("dashboards/alerts.test.yaml")
    cases = [case for test in yaml.safe_load(path.read_text())["tests"] for case in test["alert_rule_test"]]
    for rule in list(rules(packaging)):
        if not rule["labels"].get("severity") or {"summary", "description"} - rule["annotations"].keys():
            yield f"{rule['alert']}: its severity, its summary or its description is missing"
        outcomes = {bool(case.get("exp_alerts")) for case in cases if case["alertname"] == rule["alert"]}
        if outcomes != {True, False}:
            yield f"{rule['alert']}: no test raises it, or none sees it quiet"


def raised(packaging):
    """alerts are raised by what they are about, and by nothing else"""
    if shutil.which("promtool"):
        command = ["promtool", "test", "rules"]
    else:
        command = [tool("vmalert-tool", "Debian's victoria-metrics, and promtool would do as well"), "unittest",
                   "--disableAlertgroupLabel", "--files"]
    with tempfile.TemporaryDirectory() as scratch:
        for path in packaging.files("dashboards/alerts*.yaml"):
            shutil.copy(path, scratch)
        result = run([*command, "alerts.test.yaml"], cwd=Path(scratch))
    if result.returncode:
        said = (result.stdout + result.stderr).strip().splitlines()
        yield next((line for line in said if "FAILED" in line or "expected" in line.lower()), said[-1])


CHECKS = [current, described, known_names, explained, raised]
