"""Alert rules: about names that exist, explained, and raised by what they are about."""

import shutil
import tempfile
from pathlib import Path

import series
from common import Missing, run, tool


def read(packaging, name):
    try:
        import yaml
    except ImportError as error:
        raise Missing("the Python package PyYAML is not installed") from error
    [path] = packaging.files(f"dashboards/{name}")
    return yaml.safe_load(path.read_text())


def known_names(packaging):
    """rules ask, in PromQL, for documented metrics and labels"""
    promql, known = series.parser(), series.documented(packaging)
    for group in read(packaging, "alerts.yaml")["groups"]:
        for rule in group["rules"]:
            problems = series.query_problems(promql, known, rule["expr"])
            yield from (f"{rule['alert']}: {problem}" for problem in problems)


def explained(packaging):
    """alerts have a severity, a summary, what to do, and a test of being raised and of not"""
    rules, tests = (read(packaging, name) for name in ("alerts.yaml", "alerts.test.yaml"))
    cases = [case for test in tests["tests"] for case in test["alert_rule_test"]]
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
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


CHECKS = [known_names, explained, raised]
