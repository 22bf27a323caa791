#!/usr/bin/env python3
"""Checks everything below packaging/ with the tools that read it, for rules that no tool knows, and the pages' links.

    python3 tests/packaging/check.py                    # what this machine has tools for
    python3 tests/packaging/check.py --strict           # a tool that is missing is a failure
    python3 tests/packaging/check.py --bin PROGRAM      # also: the program understands every command line in there
    python3 tests/packaging/check.py --damage           # also: damage each file and see its check fail

Exits with 1 on any failure. Needs Python 3.11; each check that needs more says so when it is left out.
"""

import argparse
import pathlib
import sys

# No compiled files beside the scripts.
sys.dont_write_bytecode = True

import alerts
import commands
import container
import cron
import damage
import dashboards
import debian
import launchd
import manifests
import pages
import units
from common import Missing, Packaging, problems_of

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent
CHECKS = [*units.CHECKS, *launchd.CHECKS, *cron.CHECKS, *container.CHECKS, *manifests.CHECKS, *debian.CHECKS,
          *dashboards.CHECKS, *alerts.CHECKS, *pages.CHECKS]


def main():
    arguments = parse()
    with_program = [source.understood_by(arguments.bin) for source in (commands, pages) if arguments.bin]
    checks = CHECKS + with_program
    packaging = Packaging(REPOSITORY)
    failed, missing = run(checks, packaging)
    if arguments.damage:
        left_out = {check for check, _ in missing}
        failed += damage.unnoticed(packaging, [check for check in CHECKS if check not in left_out])
    if failed or (arguments.strict and missing):
        raise SystemExit(f"{len(failed)} failed, {len(missing)} left out")


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strict", action="store_true", help="fail when a check is left out")
    parser.add_argument("--bin", type=pathlib.Path, help="the program that has to understand the command lines")
    parser.add_argument("--damage", action="store_true", help="damage each file and see its check fail")
    return parser.parse_args()


def run(checks, packaging):
    failed, missing = [], []
    for check in checks:
        name = f"{check.__module__}: {check.__doc__.splitlines()[0]}"
        try:
            problems = problems_of(check, packaging)
        except Missing as reason:
            missing.append((check, reason))
            print(f"left out  {name} ({reason})")
            continue
        print(f"{'FAILED' if problems else 'ok':8}  {name}")
        for problem in problems:
            print(f"          {problem}")
        failed += problems
    return failed, missing


if __name__ == "__main__":
    main()
