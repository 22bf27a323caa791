#!/usr/bin/env python3
"""Draws docs/performance/flame.svg and flame-sent.svg: where a backfill spends its time when nothing is sent and when
all is, by perf and inferno.

It builds the program once more, with frame pointers and symbols, into target/bench/profile. Names are shortened, and
paths left out, so that the picture says the same on every machine.
"""
import argparse
import bisect
import collections
import contextlib
import http.server
import pathlib
import re
import shutil
import subprocess
import sys
import os
import tempfile
import threading

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
NOISE = re.compile(r"^(core|std|alloc)::|__rust_begin_short_backtrace|lang_start|__libc_start|^_start$|^main$")


def built(program):
    if program:
        return pathlib.Path(program)
    folder = TOP / "target" / "bench" / "profile"
    variables = {"RUSTFLAGS": "-Cforce-frame-pointers=yes", "CARGO_PROFILE_RELEASE_STRIP": "none", "CARGO_PROFILE_RELEASE_DEBUG": "1"}
    command = ["cargo", "build", "--locked", "--release", "--bin", "claude-otel", "--target-dir", str(folder)]
    subprocess.run(command, cwd=TOP, env={**os.environ, **variables}, check=True)
    return folder / "release" / "claude-otel"


def symbols(program):
    """Names by address, and where the parts of the file lie in memory."""
    named = []
    for line in subprocess.run(["nm", "-C", program], capture_output=True, text=True, check=True).stdout.splitlines():
        found = re.match(r"([0-9a-f]+) [tTwW] (.*)", line)
        if found:
            named.append((int(found[1], 16), short(found[2])))
    named.sort()
    parts = []
    for line in subprocess.run(["readelf", "-lW", program], capture_output=True, text=True, check=True).stdout.splitlines():
        words = line.split()
        if words and words[0] == "LOAD":
            parts.append((int(words[1], 16), int(words[2], 16), int(words[4], 16)))
    return named, parts


def short(name):
    name = re.sub(r"::h[0-9a-f]{16}$", "", name)
    while True:
        shorter = re.sub(r"<[^<>]*>", "", name.replace("->", "→"))
        if shorter == name:
            break
        name = shorter
    parts = [part for part in name.replace("claude_otel::", "").split("::") if part and part != "{{closure}}"]
    return "::".join(parts[-3:])[:70] or "closure"


def folded(recorded, program):
    named, parts = symbols(program)
    starts = [start for start, _ in named]

    def name_of(address):
        for offset, place, size in parts:
            if offset <= address < offset + size:
                address += place - offset
                break
        at = bisect.bisect_right(starts, address) - 1
        return named[at][1] if at >= 0 else "unknown"

    command = ["perf", "script", "-i", recorded, "-F", "comm,ip,sym,dso"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    stacks = collections.Counter()
    for sample in told.split("\n\n"):
        frames = []
        for line in sample.strip().split("\n")[1:]:
            found = re.match(r"\s*([0-9a-f]+) (.*) \((.*)\)$", line)
            if not found:
                continue
            if found[3] == str(program):
                frames.append(name_of(int(found[1], 16)))
            elif "kernel" in found[3]:
                # What the kernel does in detail is its own matter.
                frames = ["kernel"]
            else:
                frames.append(re.sub(r"\+0x.*", "", found[2]).split("@")[0])
        kept = [frame for frame in reversed(frames) if not NOISE.search(frame) and frame != "[unknown]"]
        if kept:
            stacks[";".join(frame.replace(";", ",") for frame in kept)] += 1
    return "\n".join(f"{stack} {count}" for stack, count in stacks.items())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bytes", default="1G")
    parser.add_argument("--program", default="")
    parser.add_argument("--inferno", default=shutil.which("inferno-flamegraph") or "")
    wanted = parser.parse_args()
    missing = [tool for tool in ("perf", "nm", "readelf") if not shutil.which(tool)]
    if missing or not wanted.inferno:
        sys.exit(f"not drawn: {', '.join(missing) or 'inferno'} is missing")
    size = {"M": 10**6, "G": 10**9}[wanted.bytes[-1]] * int(wanted.bytes[:-1])
    root = TOP / "target" / "bench" / f"corpus-{size}-1" / "projects"
    if not root.exists():
        sys.exit("not drawn: run the bench of whole runs first, which makes what is read here")
    program = built(wanted.program)
    with taker() as endpoint:
        draw("flame.svg", program, root, ["--dry-run"], f"--dry-run, {wanted.bytes}B of transcripts", wanted.inferno)
        sent = ["--endpoint", endpoint, "--signals", "traces,logs"]
        draw("flame-sent.svg", program, root, sent, f"traces and logs to a receiver, {wanted.bytes}B of transcripts", wanted.inferno)


@contextlib.contextmanager
def taker():
    """A receiver that takes everything."""
    class Taker(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Taker)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def draw(name, program, root, arguments, said, inferno):
    with tempfile.TemporaryDirectory() as folder:
        recorded = f"{folder}/perf.data"
        surroundings = {"PATH": os.environ["PATH"], "HOME": folder, "XDG_STATE_HOME": folder + "/state"}
        command = ["perf", "record", "-o", recorded, "-g", "--call-graph", "fp", "-F", "997", str(program), "backfill", "--root", str(root),
                   "--threads", "1", *arguments]
        subprocess.run(command, env=surroundings, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        stacks = folded(recorded, program)
    title = f"claude-otel backfill --threads 1, {said}"
    drawn = subprocess.run([inferno, "--title", title, "--width", "1200", "--minwidth", "0.4", "--colors", "rust"],
                           input=stacks, capture_output=True, text=True, check=True).stdout
    (TOP / "docs" / "performance" / name).write_text(drawn)


if __name__ == "__main__":
    main()
