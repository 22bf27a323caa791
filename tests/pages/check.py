#!/usr/bin/env python3
"""Opens the pages of the program in a headless Chromium, uses them as a person would, and looks at what is there then.

    python3 tests/pages/check.py --bin PROGRAM                   # target/debug/claude-otel where none is named
    python3 tests/pages/check.py --pictures docs/pictures        # also: take the pictures of the documentation
    python3 tests/pages/check.py --spans 100000                  # a longer session than usual

Exits with 1 on any failure; says so and exits with 0 where there is no Chromium. Needs Python 3.11 and nothing else.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

# No compiled files beside the scripts.
sys.dont_write_bytecode = True

import access
import report
import session
import transcripts
from browser import Browser, found

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent


class Pages:
    """Makes pages of transcripts with the program, and opens them."""

    def __init__(self, program, browser, folder, spans):
        self.program, self.browser, self.folder, self.spans = program, browser, folder, spans
        self.made = 0

    def make(self, command, *transcripts_, more=("--content", "full")):
        self.made += 1
        root = self.folder / str(self.made) / "projects"
        for one in transcripts_:
            one.write(root)
        return self.of(command, root, more)

    def of(self, command, root, more=()):
        self.made += 1
        file = self.folder / f"{self.made}.html"
        words = [self.program, *command, "--root", root, "--html", file, *more]
        environment = {"HOME": str(self.folder), "PATH": "/usr/bin:/bin", "TZ": "UTC"}
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, env=environment, check=False)
        if done.returncode:
            raise AssertionError(f"{words}: {done.stderr}")
        return file

    def open(self, file, **look):
        return self.browser.page(file, **look)


def main():
    arguments = parse()
    browser = found()
    if browser is None:
        print("skipped: no Chromium is installed (CHROMIUM may name one)")
        return
    if not arguments.bin.exists():
        raise SystemExit(f"{arguments.bin} is missing: build it, or name another one with --bin")
    failed = 0
    with tempfile.TemporaryDirectory(prefix="claude-otel-pages-") as folder, Browser(browser) as opened:
        pages = Pages(arguments.bin.resolve(), opened, pathlib.Path(folder), arguments.spans)
        for check in [*session.CHECKS, *report.CHECKS, *access.CHECKS]:
            name = f"{check.__module__}: {check.__doc__.splitlines()[0]}"
            try:
                said = check(pages)
                print(f"ok        {name}" + (f" ({said})" if said else ""), flush=True)
            except AssertionError as problem:
                failed += 1
                print(f"FAILED    {name}\n          {problem}", flush=True)
        if arguments.pictures:
            session.pictures(pages, arguments.pictures)
            report.pictures(pages, arguments.pictures)
            reduce(arguments.pictures)
    if failed:
        raise SystemExit(f"{failed} failed")


def reduce(folder):
    """Takes two thirds off the pictures, which have few colours."""
    try:
        from PIL import Image
    except ImportError:
        print("the pictures are larger than they need be: Pillow is not installed")
        return
    for file in folder.glob("*.png"):
        Image.open(file).convert("RGB").quantize(256, kmeans=3, dither=Image.Dither.NONE).save(file, optimize=True)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=REPOSITORY / "target/debug/claude-otel", help="the program")
    parser.add_argument("--pictures", type=pathlib.Path, help="where to put pictures of the pages")
    parser.add_argument("--spans", type=int, default=10_000, help="how long the long session is")
    return parser.parse_args()


if __name__ == "__main__":
    main()
