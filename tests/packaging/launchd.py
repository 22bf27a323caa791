"""launchd: the property lists."""

import plistlib

from common import DRAIN_SECONDS, HOUR, program_call, shell_problems, since

REQUIRED = {"Label", "ProgramArguments", "ExitTimeOut", "ProcessType", "LowPriorityIO", "Umask", "HardResourceLimits"}
# What each job needs beyond that.
STARTED_BY = {
    "claude-otel.watch": {"RunAtLoad", "KeepAlive", "ThrottleInterval"},
    "claude-otel.reexport": {"StartCalendarInterval"},
}


def property_lists(packaging):
    """property lists are well-formed and complete, and their commands are what a shell understands"""
    for path in packaging.files("launchd/*.plist"):
        try:
            content = plistlib.loads(path.read_bytes())
        except Exception as error:  # the parser's own errors are of several kinds
            yield f"{path.name}: {error}"
            continue
        yield from (f"{path.name}: {problem}" for problem in problems_of(path.stem, content))


def problems_of(name, content):
    wanted = REQUIRED | STARTED_BY[name]
    if set(content) != wanted:
        yield f"keys missing or unforeseen: {sorted(set(content) ^ wanted)}"
        return
    if content["Label"] != name:
        yield "launchd is told of it by its label, people by its file; they differ"
    if content["ExitTimeOut"] <= DRAIN_SECONDS:
        yield "it is killed before it has delivered what is under way"
    if content["ProcessType"] != "Background" or content["Umask"] != 0o077 or content["HardResourceLimits"] != {"Core": 0}:
        yield "it disturbs people at work, or others may read what it leaves"
    shell, flag, command = content["ProgramArguments"]
    yield from shell_problems(command)
    if (shell, flag) != ("/bin/sh", "-c") or "exec claude-otel " not in command:
        yield "signals do not reach the program"
    words = program_call(command)
    if name == "claude-otel.watch":
        if words != ["watch"] or content["KeepAlive"] != {"SuccessfulExit": False} or content["ThrottleInterval"] < 10:
            yield "it is not started again as it should be"
    elif words[0] != "reexport" or since(words) <= 25 * HOUR:
        yield "it does not reach back to the run before on the longest day"
    elif not {"Hour", "Minute"} == set(content["StartCalendarInterval"]):
        yield "it does not run once a day"


CHECKS = [property_lists]


def calls(packaging):
    """Every call of the program, word by word."""
    for path in packaging.files("launchd/*.plist"):
        yield path.name, program_call(plistlib.loads(path.read_bytes())["ProgramArguments"][2])
