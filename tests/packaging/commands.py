"""The program itself reads every command line that the files hold."""

import cron
import container
import launchd
import manifests
import units
from common import Missing, run


def calls(packaging):
    for path in packaging.files("systemd/*/*.service"):
        yield path.name, units.settings(path)["ExecStart"][0].split()[1:]
    for source in (launchd, cron, container):
        yield from source.calls(packaging)
    try:
        yield from manifests.calls(packaging)
    except Missing:
        # The checks of the manifests say that they were left out, and why.
        return


def understood_by(program):
    def understood(packaging):
        """the program understands every command line"""
        for name, words in calls(packaging):
            # With --help at the end it reads everything before that and then does nothing.
            result = run([program, *words, "--help"])
            if result.returncode:
                yield f"{name}: {' '.join(words)}: {result.stderr.strip().splitlines()[0]}"

    return understood
