"""Running the program under test, in surroundings of its own."""

import json
import subprocess

# The exit code for a destination that refuses.
REFUSED = 4


class Program:
    """The program, and the transcripts that it reads."""

    def __init__(self, binary, roots, keep):
        self.binary = binary.resolve()
        # Where receivers keep what is installed.
        self.keep = keep
        self.roots = [root.resolve() for root in roots]

    def run(self, folder, command, *more, **variables):
        """Runs a command over the transcripts. Everything that it remembers is below the folder."""
        roots = [part for root in self.roots for part in ("--root", root)]
        # The instance's id differs by destination; named here, it can be compared too.
        surroundings = {"HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"),
                        "OTEL_RESOURCE_ATTRIBUTES": "service.instance.id=compared"}
        return subprocess.run([str(part) for part in (self.binary, command, *roots, *more)],
                              env={**surroundings, **variables}, capture_output=True, text=True, check=False)

    def backfill(self, folder, *more, **variables):
        """Sends everything. `--finish` makes it independent of the time of day."""
        return self.run(folder, "backfill", "--finish", "--again", *more, **variables)

    def summary(self, folder, *more, **variables):
        """The same, ended by what the program counted."""
        done = self.backfill(folder, "--json", *more, **variables)
        if done.returncode:
            raise SystemExit(f"exit code {done.returncode}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def files(self, folder, *more, **variables):
        """Writes what would be sent into files, and returns their folder."""
        done = self.backfill(folder, "--otlp-file", folder / "expected", *more, **variables)
        if done.returncode:
            raise SystemExit(f"exit code {done.returncode}: {done.stdout}{done.stderr}")
        return folder / "expected"

    def version(self):
        """What it says of itself."""
        done = subprocess.run([str(self.binary), "--version"], capture_output=True, text=True, check=True)
        return done.stdout.strip()
