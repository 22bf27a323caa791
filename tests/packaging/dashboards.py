"""Dashboards: current, about names that exist, and no panel that says nothing."""

import json
import re
import sys

import series
from common import run

VARIABLES = {"$job": ".*", "$instance": ".*", "$window": "1h", "$__range": "1h"}


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


def known_names(packaging):
    """panels and variables ask, in PromQL, for documented metrics and labels"""
    promql, known = series.parser(), series.documented(packaging)
    count = 0
    for where, query in queries(packaging):
        count += 1
        yield from (f"{where}: {problem}" for problem in series.query_problems(promql, known, query))
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


CHECKS = [current, described, known_names]
