#!/usr/bin/env python3
"""Sends transcripts to real receivers, reads them back, and compares.

    python3 tests/receivers/compare.py                      # all receivers, the sample transcripts
    python3 tests/receivers/compare.py rotel --root DIR     # one of them, other transcripts
    python3 tests/receivers/compare.py --keep DIR           # what is installed stays in DIR and is used again

What is expected is what `backfill` writes into files and counts in its summary. RECEIVERS_ROOT names other transcripts,
as --root does. Exits with 1 on any difference. This is no part of `cargo test`, since it installs the receivers.
"""

import argparse
import importlib
import os
import pathlib
import subprocess
import sys
import tempfile

# No compiled files beside the scripts.
sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
RECEIVERS = {
    "victoria": "backend_victoria", "phoenix": "backend_phoenix", "mlflow": "backend_mlflow", "rotel": "relay_rotel",
    "oteltap": "tap_oteltap",
}


def main():
    arguments = parse()
    with tempfile.TemporaryDirectory(prefix="receivers-") as scratch:
        keep = (arguments.keep or pathlib.Path(scratch)).resolve()
        keep.mkdir(parents=True, exist_ok=True)
        failed = []
        for receiver in arguments.receivers:
            python = environment_for(receiver, keep)
            command = [python, __file__, "--inside", receiver, "--bin", arguments.bin, "--keep", keep]
            for root in arguments.root:
                command += ["--root", root]
            if subprocess.run([str(part) for part in command], check=False).returncode:
                failed.append(receiver)
    if failed:
        raise SystemExit(f"differences: {', '.join(failed)}")


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("receivers", nargs="*", default=list(RECEIVERS), metavar="RECEIVER",
                        help=f"{' or '.join(RECEIVERS)}; all of them when none is named")
    parser.add_argument("--bin", type=pathlib.Path, default=REPOSITORY / "target/release/claude-otel",
                        help="the program to test")
    parser.add_argument("--root", type=pathlib.Path, action="append", help="transcripts; may be repeated")
    parser.add_argument("--keep", type=pathlib.Path, metavar="DIR", help="keep what is installed here")
    parser.add_argument("--inside", choices=RECEIVERS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    unknown = set(arguments.receivers) - set(RECEIVERS)
    if unknown:
        parser.error(f"no such receiver: {', '.join(sorted(unknown))}")
    if arguments.root is None:
        arguments.root = [pathlib.Path(os.environ.get("RECEIVERS_ROOT") or REPOSITORY / "fixtures/claude")]
    for path in (arguments.bin, *arguments.root):
        if not path.exists():
            parser.error(f"{path} does not exist")
    return arguments


def environment_for(receiver, folder):
    """A virtual environment with the receiver's wheels at the versions that this comparison was written for."""
    wheels = importlib.import_module(RECEIVERS[receiver]).WHEELS
    home = folder / f"venv-{receiver}"
    python = home / "bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    if wheels:
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", *wheels]
        subprocess.run(pip, check=True)
    return python


def check_inside(arguments):
    """Compares with the receiver whose environment this runs in."""
    from program import Program

    receiver = importlib.import_module(RECEIVERS[arguments.inside])
    program = Program(arguments.bin, arguments.root, arguments.keep)
    with tempfile.TemporaryDirectory(prefix="receivers-") as scratch:
        print(f"\n{arguments.inside}: {receiver.version(arguments.keep)}, {program.version()}")
        return receiver.check(program, pathlib.Path(scratch))


if __name__ == "__main__":
    if "--inside" in sys.argv:
        os.environ["PYTHONUNBUFFERED"] = "1"
        sys.stdout.reconfigure(line_buffering=True)
        sys.exit(0 if check_inside(parse()) else 1)
    main()
