"""What the checks share: the files, the tools, and the facts of the program that the files repeat."""

import pathlib
import re
import shutil
import subprocess
import tomllib

# The program takes so many seconds at the most to end in order.
DRAIN_SECONDS = 10
# The exit codes after which another try is of no use: usage and configuration.
HOPELESS = {"2", "3"}
HOUR = 3600
UNITS = {"s": 1, "min": 60, "m": 60, "h": HOUR, "d": 24 * HOUR}


class Missing(Exception):
    """A check cannot be made on this machine."""


class Packaging:
    """A checkout, or a damaged copy of the parts that matter here."""

    def __init__(self, repository):
        self.repository = pathlib.Path(repository)
        self.folder = self.repository / "packaging"
        self.cargo = tomllib.loads((self.repository / "Cargo.toml").read_text())

    @property
    def version(self):
        return self.cargo["package"]["version"]

    def files(self, pattern):
        """The files that match; a pattern without any is a mistake in the check or in the tree."""
        found = sorted(self.folder.glob(pattern))
        if not found:
            raise FileNotFoundError(f"packaging/{pattern} matches nothing")
        return found


def problems_of(check, packaging):
    """Everything that a check finds."""
    found = []
    try:
        for problem in check(packaging):
            found.append(problem)
    except (KeyError, IndexError, ValueError) as error:
        # Something that every such file has is not there at all.
        found.append(f"cannot be judged: {error!r}")
    return found


def tool(name, package=None):
    """The path of a tool, or the reason to leave a check out."""
    path = shutil.which(name)
    if path is None:
        raise Missing(f"{name} is not installed" + (f"; it comes with {package}" if package else ""))
    return path


def run(command, **options):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)


def seconds(text):
    """A length of time as systemd and the program write it: 90, 30min, 25h."""
    match = re.fullmatch(r"(\d+)\s*([a-z]*)", text)
    if match is None:
        raise ValueError(f"{text} is no length of time")
    return int(match[1]) * UNITS[match[2] or "s"]


def since(words):
    """How far back a re-export reaches, in seconds."""
    return seconds(words[words.index("--since") + 1])


def shell_problems(command):
    """What a shell says about a command line without running it."""
    result = run(["/bin/sh", "-n", "-c", command])
    return [result.stderr.strip()] if result.returncode else []


def program_call(command):
    """The words of the program's call in a shell command line."""
    match = re.search(r"(?:^|[;&|]\s*|exec )claude-otel ([^|;&<>]*?)\s*(?:\d?>|[|;&]|$)", command)
    return match[1].split() if match else []
