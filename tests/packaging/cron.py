"""cron: the example of a crontab."""

import re

from common import HOUR, program_call, shell_problems, since

FIELDS = [("minute", 0, 59), ("hour", 0, 23), ("day of month", 1, 31), ("month", 1, 12), ("day of week", 0, 7)]


def jobs(path):
    """The five fields and the command of every job."""
    for line in path.read_text().splitlines():
        if line and not line.startswith("#") and not re.match(r"[A-Z]+=", line):
            words = line.split(None, 5)
            yield words[:5], words[5] if len(words) == 6 else ""


def field_problems(text, name, low, high):
    for part in text.split(","):
        match = re.fullmatch(r"(?:\*|(\d+)(?:-(\d+))?)(?:/(\d+))?", part)
        if match is None:
            yield f"{name} {text} is not understood"
            continue
        first, last, step = (int(number) if number else None for number in match.groups())
        if any(number is not None and not low <= number <= high for number in (first, last)) or step == 0:
            yield f"{name} {text} is out of its range"


def crontab(packaging):
    """lines of the crontab are understood, and no turn falls between two runs"""
    for path in packaging.files("cron/*.crontab"):
        # cron leaves out a last line that does not end.
        if not path.read_text().endswith("\n"):
            yield f"{path.name}: the last line does not end"
        found = {}
        for fields, command in jobs(path):
            for text, field in zip(fields, FIELDS):
                yield from (f"{path.name}: {problem}" for problem in field_problems(text, *field))
            if "%" in command:
                yield f"{path.name}: a percent sign ends the command"
            yield from (f"{path.name}: {problem}" for problem in shell_problems(command))
            words = program_call(command)
            found[words[0] if words else command] = words
        if set(found) != {"watch", "reexport"} or "--once" not in found["watch"]:
            yield f"{path.name}: jobs are {sorted(found)}, watch --once and reexport were expected"
        elif since(found["reexport"]) <= 25 * HOUR:
            yield f"{path.name}: the re-export does not reach back to the run before on the longest day"


CHECKS = [crontab]


def calls(packaging):
    """Every call of the program, word by word."""
    for path in packaging.files("cron/*.crontab"):
        for _, command in jobs(path):
            yield path.name, program_call(command)
