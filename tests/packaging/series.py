"""Series of metrics: what they are called in Prometheus, and whether a query asks for ones that are documented."""

import re

from common import Missing

# What Prometheus makes of units; one in braces is a remark and says nothing in a name.
SUFFIXES = {"s": "_seconds", "ms": "_milliseconds", "By": "_bytes", "USD": "_USD", "tokens": "_tokens"}
# Labels that come from the resource, from buckets, and from whoever asks at /metrics.
EVERYWHERE = {"job", "instance", "le"}


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


def parser():
    try:
        import promql_parser
    except ImportError as error:
        raise Missing("the Python package promql-parser is not installed") from error
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
