"""The dashboards' queries, asked of a backend that a watcher has told."""

import json
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent.parent.parent / "packaging/dashboards"
VARIABLES = {"$job": ".*", "$instance": ".*", "$window": "1h", "$__range": "1h"}
# What the transcripts of the comparison do not hold, or one pass of a watcher does not tell.
NOTHING = {
    "Deleted within three days": "the transcripts are new here",
    "Not exported, by days left": "everything is exported",
    "Secrets taken out, per hour": "metrics alone are sent, and no secret is in their names",
    "Problems per hour": "nothing needs to be passed by",
    "Refused": "no tool is refused in them",
    "Share that was refused, by tool": "the same",
    "Lines of code per hour": "too few: what a series begins with is no pace",
    "Failed tool calls, p90": "the same",
}


def queries():
    """Every query with where it stands."""
    for path in sorted(FOLDER.glob("*.json")):
        board = json.loads(path.read_text(encoding="utf-8"))
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                query = target["expr"]
                for variable, value in VARIABLES.items():
                    query = query.replace(variable, value)
                yield path.stem, panel["title"], query


def check(server):
    """What finds nothing though it should; a number that is none counts as nothing."""
    wrong, asked = [], 0
    for board, title, query in queries():
        asked += 1
        rows = server.ask(query)
        if not any(row["value"][1] not in ("NaN", "+Inf", "-Inf") for row in rows) and title not in NOTHING:
            wrong.append(f"{board}: {title}: {query} finds nothing")
    if asked < 80:
        wrong.append(f"only {asked} queries were found")
    return wrong
