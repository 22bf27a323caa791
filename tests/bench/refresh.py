#!/usr/bin/env python3
"""Measures everything again and puts it into docs/performance.md and its pictures.

    python3 tests/bench/refresh.py [--sizes 10M,30M,100M,300M,1G,4G] [--bytes 1G] [--runs 5] [--only whole,growth,...]

Parts: whole, growth, watch, stages, flame. What is not measured keeps the figures of the last time, which lie in
docs/performance/*.json. The flame graph wants perf, nm and inferno (cargo install inferno); without them the picture
stays as it is.
"""
import argparse
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
KEPT = TOP / "docs" / "performance"
STAGES = ["newlines", "value", "1 cut", "2 decode", "2-3 decode and build", "4 resolve", "5 map", "6 encode and send"]


def bench(name, *arguments):
    command = ["cargo", "bench", "--locked", "--bench", name]
    if arguments:
        command += ["--", *arguments]
    print("$", " ".join(command), flush=True)
    subprocess.run(command, cwd=TOP, check=True)


def stages():
    """What criterion has kept of the last run: median nanoseconds, and the bytes that they were for."""
    found = {}
    for stage in STAGES:
        folder = TOP / "target" / "criterion" / "stages" / stage / "new"
        nanos = json.loads((folder / "estimates.json").read_text())["median"]["point_estimate"]
        size = json.loads((folder / "benchmark.json").read_text())["throughput"]["Bytes"]
        found[stage] = {"nanoseconds": nanos, "bytes": size}
    (KEPT / "stages.json").write_text(json.dumps(found, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bytes", default="1G")
    parser.add_argument("--runs", default="5")
    parser.add_argument("--sizes", default="10M,30M,100M,300M,1G,4G")
    parser.add_argument("--growing", default="1,10,100,500,2000")
    parser.add_argument("--seconds", default="20")
    parser.add_argument("--only", default="whole,growth,watch,stages,flame")
    wanted = parser.parse_args()
    parts = wanted.only.split(",")
    if "whole" in parts:
        bench("whole", "--bytes", wanted.bytes, "--runs", wanted.runs, "--json", str(KEPT / "whole.json"))
    if "growth" in parts:
        bench("whole", "--growth", wanted.sizes, "--runs", "3", "--json", str(KEPT / "growth.json"))
    if "watch" in parts:
        bench("watch", "--growing", wanted.growing, "--seconds", wanted.seconds, "--json", str(KEPT / "watch.json"))
    if "stages" in parts:
        bench("stages")
        stages()
    if "flame" in parts:
        subprocess.run([sys.executable, str(HERE / "flame.py"), "--bytes", wanted.bytes], cwd=TOP, check=False)
    subprocess.run([sys.executable, str(HERE / "pages.py")], cwd=TOP, check=True)


if __name__ == "__main__":
    main()
