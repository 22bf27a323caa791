#!/usr/bin/env python3
"""Sends transcripts to real receivers over every transport, reads them back, and compares.

    python3 tests/receivers/compare.py                      # both receivers, the sample transcripts
    python3 tests/receivers/compare.py rotel --root DIR     # one of them, other transcripts
    python3 tests/receivers/compare.py --keep DIR           # virtual environments stay in DIR and are used again

What is expected is what `backfill --otlp-file` writes. Exits with 1 on any difference.
This is no part of `cargo test`, since it installs the receivers.
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
RECEIVERS = {"rotel": "relay_rotel", "phoenix": "backend_phoenix"}
TRANSPORTS = [
    ("http/protobuf", "none"), ("http/protobuf", "gzip"), ("http/json", "none"), ("grpc", "none"), ("grpc", "gzip"),
]
# The exit code for a destination that refuses.
REFUSED = 4


def main():
    arguments = parse()
    with tempfile.TemporaryDirectory(prefix="receivers-") as scratch:
        keep = arguments.keep or pathlib.Path(scratch)
        failed = []
        for receiver in arguments.receivers:
            python = environment_for(receiver, keep)
            command = [python, __file__, "--inside", receiver, "--bin", arguments.bin]
            for root in arguments.root:
                command += ["--root", root]
            if subprocess.run([str(part) for part in command], check=False).returncode:
                failed.append(receiver)
    if failed:
        raise SystemExit(f"differences: {', '.join(failed)}")


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("receivers", nargs="*", default=list(RECEIVERS), metavar="RECEIVER",
                        help=f"{' or '.join(RECEIVERS)}; both when none is named")
    parser.add_argument("--bin", type=pathlib.Path, default=REPOSITORY / "target/release/claude-otel",
                        help="the program to test")
    parser.add_argument("--root", type=pathlib.Path, action="append", help="transcripts; may be repeated")
    parser.add_argument("--keep", type=pathlib.Path, metavar="DIR", help="keep the virtual environments here")
    parser.add_argument("--inside", choices=RECEIVERS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    unknown = set(arguments.receivers) - set(RECEIVERS)
    if unknown:
        parser.error(f"no such receiver: {', '.join(sorted(unknown))}")
    if arguments.root is None:
        samples = [REPOSITORY / "fixtures/sample", REPOSITORY / "fixtures/claude"]
        arguments.root = [next((sample for sample in samples if sample.is_dir()), samples[0])]
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
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", *wheels]
    subprocess.run(pip, check=True)
    return python


def backfill(arguments, folder, *more):
    """Runs the program in an environment of its own. `--finish` makes it independent of the time of day."""
    # The instance's id differs by destination; named here, it can be compared too.
    roots = [part for root in arguments.root for part in ("--root", root.resolve())]
    command = [arguments.bin.resolve(), "backfill", *roots, "--finish", "--again", *more]
    surroundings = {"HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"),
                    "OTEL_RESOURCE_ATTRIBUTES": "service.instance.id=compared"}
    return subprocess.run([str(part) for part in command], env=surroundings, capture_output=True, text=True,
                          check=False)


def compare_all(arguments):
    """Compares over every transport with the receiver whose environment this runs in."""
    import otlp

    receiver = importlib.import_module(RECEIVERS[arguments.inside])
    with tempfile.TemporaryDirectory(prefix="receivers-") as scratch:
        scratch = pathlib.Path(scratch)
        done = backfill(arguments, scratch, "--otlp-file", scratch / "expected")
        if done.returncode:
            raise SystemExit(done.stderr)
        files = sorted((scratch / "expected").glob("traces*.jsonl"))
        expected = [span for file in files for span in otlp.from_file(file)]
        if not expected:
            raise SystemExit("there are no spans to compare")
        otlp.check_the_comparison(expected)
        print(f"\n{arguments.inside} ({', '.join(receiver.WHEELS)}), expected: {shown(otlp.totals(expected))}")
        print(f"compared: span ids, {', '.join(receiver.FIELDS)}")
        print(f"{'transport':<22}{'spans':>8}{'sessions':>10}{'input':>15}{'output':>13}  differences")
        results = []
        for protocol, compression in TRANSPORTS:
            folder = scratch / f"{protocol}-{compression}".replace("/", "-")
            folder.mkdir()
            with receiver.start(folder) as server:
                results.append(compare(arguments, receiver, server, expected, folder, protocol, compression))
    return all(results)


def compare(arguments, receiver, server, expected, folder, protocol, compression):
    """Sends once, compares, sends once more, and compares again."""
    import otlp

    def send():
        address = server.grpc if protocol == "grpc" else server.http
        return backfill(arguments, folder, "--endpoint", address, "--protocol", protocol, "--compression", compression)

    row = f"{protocol} {'' if compression == 'none' else compression}"
    done = send()
    if protocol in receiver.REFUSES:
        is_right = done.returncode == REFUSED
        said = next((line for line in done.stdout.splitlines() + done.stderr.splitlines() if "415" in line), "").strip()
        print(f"{row:<22}refused, exit code {done.returncode}: {said}")
        return is_right
    if done.returncode:
        print(f"{row:<22}exit code {done.returncode}: {done.stderr.strip()}")
        return False
    found = server.spans(len(expected))
    counts, examples = otlp.differences(expected, found, receiver.FIELDS, receiver.EXTRA_ATTRIBUTES)
    own = server.own_view(expected)
    wrong = [f"{what} {count}" for what, count in counts.items() if count]
    sums = otlp.totals(found)
    wrong += [f"sum of {name}" for name, value in otlp.totals(expected).items() if sums[name] != value]
    wrong += [f"{len(own)} in the receiver's own sums"] if own else []
    print(f"{row:<22}{sums['spans']:>8}{sums['sessions']:>10}{sums['input']:>15}{sums['output']:>13}  "
          f"{', '.join(wrong) or 'none'}")
    for what, example in examples.items():
        print(f"    first {what}: {example}")
    for text in own[:3]:
        print(f"    {text}")
    return again(receiver, server, send, expected, found) and not wrong


def again(receiver, server, send, expected, found):
    """The same once more: a backend that merges by id has no more spans than before, a relay has each twice."""
    import otlp

    done = send()
    copies = 1 if receiver.MERGES else 2
    spans = server.spans(len(found) if receiver.MERGES else 2 * len(expected))
    is_right = not done.returncode and len(spans) == copies * len(expected)
    counts, _ = otlp.differences(expected, spans, receiver.FIELDS, receiver.EXTRA_ATTRIBUTES)
    others = {what: count for what, count in counts.items() if count and what != "doubled"}
    own = server.own_view(expected)
    is_right = is_right and not others and not own
    print(f"{'  sent again':<22}{len(spans):>8}  {'as expected' if is_right else f'not as expected: {others} {own[:3]}'}")
    return is_right


def shown(sums):
    return ", ".join(f"{value} {name}" for name, value in sums.items())


if __name__ == "__main__":
    if "--inside" in sys.argv:
        os.environ["PYTHONUNBUFFERED"] = "1"
        sys.stdout.reconfigure(line_buffering=True)
        sys.exit(0 if compare_all(parse()) else 1)
    main()
