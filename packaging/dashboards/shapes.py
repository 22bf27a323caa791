"""How Grafana wants panels, variables and dashboards to be written."""

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
# The version of the format: that of Grafana 13, which older ones read too.
SCHEMA = 42
WIDTH = 24
FROM = 'job=~"$job",instance=~"$instance"'


def targets(queries, instant):
    return [{"refId": chr(ord("A") + number), "datasource": SOURCE, "expr": expr.replace("FROM", FROM),
             "legendFormat": legend, "range": not instant, "instant": instant}
            for number, (legend, expr) in enumerate(queries.items())]


def panel(kind, title, unit, text, queries, width, height, options, custom=None, steps=None, instant=False, **field):
    color = {"mode": "thresholds" if steps else "palette-classic"}
    shades = [{"color": color, "value": value} for value, color in steps or [(None, "green")]]
    defaults = {"unit": unit, "color": color, "thresholds": {"mode": "absolute", "steps": shades},
                "custom": custom or {}, **field}
    return {"type": kind, "title": title, "description": text, "datasource": SOURCE,
            "gridPos": {"w": width, "h": height}, "fieldConfig": {"defaults": defaults, "overrides": []},
            "options": options, "targets": targets(queries, instant)}


def number(title, unit, text, expr, steps=None, width=4, **field):
    """One number for the whole time that is shown."""
    options = {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "colorMode": "value",
               "graphMode": "none", "justifyMode": "auto", "textMode": "auto", "orientation": "auto",
               "wideLayout": True, "showPercentChange": False, "percentChangeColorMode": "standard"}
    return panel("stat", title, unit, text, {"": expr}, width, 4, options, steps=steps, instant=True, **field)


def lines(title, unit, text, queries, stacked=False, width=12, **field):
    """How something went over time."""
    custom = {"lineWidth": 1, "fillOpacity": 30 if stacked else 8, "showPoints": "auto", "spanNulls": False,
              "stacking": {"mode": "normal" if stacked else "none", "group": "A"}}
    options = {"legend": {"displayMode": "table", "placement": "bottom", "showLegend": True, "calcs": ["mean", "max"]},
               "tooltip": {"mode": "multi", "sort": "desc"}}
    return panel("timeseries", title, unit, text, queries, width, 8, options, custom, **{"min": 0, **field})


def bars(title, unit, text, legend, expr, width=12, **field):
    """One bar for each of something, the longest first, for the whole time that is shown."""
    options = {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "displayMode": "basic",
               "orientation": "horizontal", "showUnfilled": True, "valueMode": "color", "namePlacement": "auto",
               "sizing": "auto", "minVizWidth": 8, "minVizHeight": 16, "maxVizHeight": 300,
               "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False, "calcs": []}}
    return panel("bargauge", title, unit, text, {legend: f"sort_desc({expr})"}, width, 8, options, instant=True,
                 **{"min": 0, **field})


def row(title):
    return {"type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": {"w": WIDTH, "h": 1}}


def placed(panels):
    """From left to right, in lines as high as their highest panel."""
    x = y = high = 0
    for index, one in enumerate(panels, 1):
        place = one["gridPos"]
        if x + place["w"] > WIDTH:
            x, y, high = 0, y + high, 0
        one["gridPos"] = {"x": x, "y": y, **place}
        x, high = x + place["w"], max(high, place["h"])
        yield {"id": index, **one}


def variables(known_by, window):
    yield {"type": "datasource", "name": "datasource", "label": "Data source", "query": "prometheus", "regex": "",
           "refresh": 1, "hide": 0, "multi": False, "includeAll": False, "options": []}
    within = ""
    for name, label in (("job", "Service"), ("instance", "Instance")):
        query = f"label_values({known_by}{within}, {name})"
        within = '{job=~"$job"}'
        # Everything is also what has no such label.
        yield {"type": "query", "name": name, "label": label, "datasource": SOURCE,
               "query": {"qryType": 1, "query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery"},
               "refresh": 2, "sort": 1, "hide": 0, "regex": "", "multi": True, "includeAll": True, "allValue": ".*",
               "options": [], "current": {"text": ["All"], "value": ["$__all"]}}
    if window:
        lengths = ["5m", "15m", "1h", "6h", "1d"]
        yield {"type": "custom", "name": "window", "label": "Over", "query": ",".join(lengths), "hide": 0,
               "description": "Each point of a curve tells of so long a time before it.", "multi": False,
               "includeAll": False, "current": {"text": "1h", "value": "1h"},
               "options": [{"text": text, "value": text, "selected": text == "1h"} for text in lengths]}


def dashboard(name, title, text, panels, known_by="claude_code_llm_calls_total", since="now-7d"):
    panels = list(placed(panels))
    window = any("$window" in target["expr"] for one in panels for target in one.get("targets", []))
    return {
        "id": None, "uid": f"claude-otel-{name}", "title": f"Claude Code: {title}", "description": text,
        "tags": ["claude-otel"], "schemaVersion": SCHEMA, "editable": True, "graphTooltip": 1,
        "fiscalYearStartMonth": 0, "timezone": "browser", "time": {"from": since, "to": "now"}, "refresh": "1m",
        "timepicker": {}, "annotations": {"list": []}, "templating": {"list": list(variables(known_by, window))},
        "links": [{"type": "dashboards", "title": "Claude Code", "tags": ["claude-otel"], "asDropdown": True,
                   "includeVars": True, "keepTime": True, "targetBlank": False, "icon": "external link",
                   "tooltip": "", "url": ""}],
        "panels": panels,
    }
