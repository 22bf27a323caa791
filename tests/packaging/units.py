"""systemd: the units, the timers, and how much a break-in through them would be worth."""

import re
import tempfile
from pathlib import Path

from common import DRAIN_SECONDS, HOPELESS, HOUR, Missing, run, seconds, since, tool

# The scores that systemd gives, from 0 to 10, with a little room for other versions of it.
EXPOSURE = {"system": 1.2, "user": 6.3}
# The oldest systemd that can judge units which are not installed, and that knows every setting used.
OLDEST = 250
# Settings that need a namespace, which many machines do not grant to users.
NAMESPACED = re.compile(r"^(Protect|Private|ReadOnly|ReadWrite|Inaccessible|Bind|TemporaryFileSystem)", re.M)


def analyze(*arguments, **options):
    program = tool("systemd-analyze", "systemd")
    version = int(re.search(r"systemd (\d+)", run([program, "--version"]).stdout)[1])
    if version < OLDEST:
        raise Missing(f"systemd {version} is too old, {OLDEST} is needed")
    return run([program, *arguments], **options)


def settings(path):
    """All values of each setting, in order."""
    found = {}
    for line in path.read_text().splitlines():
        if "=" in line and not line.startswith(("#", ";")):
            name, value = line.split("=", 1)
            found.setdefault(name, []).append(value)
    return found


def stage(packaging, scope, folder):
    """Copies units to where they can be judged, with a program that is there; systemd wants to see one."""
    program = folder / "claude-otel"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    staged = []
    for path in packaging.files(f"systemd/{scope}/*"):
        if path.suffix == ".conf":
            for service in ("claude-otel@", "claude-otel-reexport@"):
                copy(path, folder / f"{service}.service.d" / path.name)
        else:
            staged.append(copy(path, folder / path.name, program))
    return staged


def copy(source, target, program=None):
    target.parent.mkdir(exist_ok=True)
    text = source.read_text()
    target.write_text(text.replace("ExecStart=claude-otel ", f"ExecStart={program} ") if program else text)
    return target


def environment(folder):
    """What a user manager has, whoever runs this."""
    return {"PATH": "/usr/bin:/bin", "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}


def verified(packaging):
    """systemd has nothing to say against any unit, alone or with the drop-ins"""
    for scope in EXPOSURE:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            for unit in stage(packaging, scope, folder):
                # It exits with 0 on settings that it does not know, so that its silence is what counts.
                result = analyze("verify", "--man=no", f"--{scope}", unit, env=environment(folder))
                if result.returncode or result.stderr.strip():
                    yield f"{scope}/{unit.name}: {result.stderr.strip() or 'refused'}"


def confined(packaging):
    """every service is as confined as it was"""
    for scope, limit in EXPOSURE.items():
        for path in packaging.files(f"systemd/{scope}/*.service"):
            result = analyze("security", "--offline=true", "--no-pager", path)
            score = re.search(r"Overall exposure level for \S+: ([\d.]+)", result.stdout)
            if score is None or float(score[1]) > limit:
                found = score[1] if score else result.stderr.strip()
                yield f"{scope}/{path.name}: exposure {found}, at most {limit} is allowed"


def services(packaging):
    """services start, stop and try again as the program expects it"""
    for path in packaging.files("systemd/*/*.service"):
        found, name = settings(path), f"{path.parent.name}/{path.name}"
        command = found["ExecStart"][0].split()
        watches = command[1] == "watch"
        if command[0] != "claude-otel":
            yield f"{name}: {command[0]} is a folder too many, the program may be in another"
        if found["Type"] != (["notify"] if watches else ["oneshot"]):
            yield f"{name}: Type does not fit"
        if watches and not seconds(found["WatchdogSec"][0]):
            yield f"{name}: nothing notices that it hangs"
        if seconds(found["TimeoutStopSec"][0]) <= DRAIN_SECONDS:
            yield f"{name}: it is killed before it has delivered what is under way"
        if found["Restart"] != ["on-failure"] or set(found["RestartPreventExitStatus"][0].split()) != HOPELESS:
            yield f"{name}: it is not started again, or without any hope"
        if found["LimitCORE"] != ["0"] or found["UMask"] != ["0077"]:
            yield f"{name}: others may read what it leaves"
        yield from (f"{name}: {problem}" for problem in scoped(path, found))


def scoped(path, found):
    if path.parent.name == "user":
        if NAMESPACED.search(path.read_text()) or "StateDirectory" in found:
            yield "a setting needs a namespace, or puts the state elsewhere"
        return
    place = f"XDG_STATE_HOME=%S/{found['StateDirectory'][0]}"
    places = [text for text in found["Environment"] if "XDG_STATE_HOME" in text]
    if found["StateDirectoryMode"] != ["0700"] or places != [place]:
        yield "the state is not where it may write, or is open to others"
    if found["User"] != ["%i"] or "RemoveIPC" in found:
        yield "it runs as somebody else, or removes what other programs of the user share"


def timers(packaging):
    """timers are understood, and no turn falls between two runs"""
    for path in packaging.files("systemd/*/*.timer"):
        found, name = settings(path), f"{path.parent.name}/{path.name}"
        for when in found["OnCalendar"]:
            result = analyze("calendar", "--iterations=2", when)
            if result.returncode:
                yield f"{name}: {result.stderr.strip()}"
            if not when.endswith(" UTC"):
                yield f"{name}: a local day may have 25 hours"
        if found["Persistent"] != ["true"] or found["FixedRandomDelay"] != ["true"]:
            yield f"{name}: runs may be left out, or their distance changes"
        reach = since(settings(path.with_suffix(".service"))["ExecStart"][0].split())
        if reach < 24 * HOUR + seconds(found["RandomizedDelaySec"][0]):
            yield f"{name}: the service does not reach back to the run before"


CHECKS = [verified, confined, services, timers]
