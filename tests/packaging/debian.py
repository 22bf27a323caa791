"""The Debian package: what cargo-deb is told."""

import fnmatch
import re

from common import run, tool

KEYS = {
    "maintainer", "copyright", "license-file", "changelog", "section", "priority", "depends", "recommends",
    "extended-description", "assets",
}


def metadata(packaging):
    """the package's metadata is known, and every file that it names is there"""
    deb = packaging.cargo["package"]["metadata"]["deb"]
    if set(deb) != KEYS:
        yield f"keys missing or unforeseen: {sorted(set(deb) ^ KEYS)}"
    for source, target, mode in deb["assets"]:
        if not source.startswith("target/") and not any(packaging.repository.glob(source)):
            yield f"{source} matches nothing"
        if target.startswith("/") or mode != ("755" if target == "usr/bin/" else "644"):
            yield f"{source} goes to {target} with mode {mode}"
    for name in (deb["license-file"][0], deb["changelog"]):
        if not (packaging.repository / name).is_file():
            yield f"{name} is missing"
    if not (packaging.repository / deb["license-file"][0]).read_text().startswith("Format: "):
        yield "the copyright is in no format that can be read"
    for line in deb["extended-description"].splitlines():
        if len(line) > 80:
            yield f"the description has a long line: {line}"


def made(packaging):
    """what the program writes of itself is written before it is packed, and goes to where it is looked for"""
    deb = packaging.cargo["package"]["metadata"]["deb"]
    script = (packaging.folder / "deb/build.sh").read_text()
    folder = re.search(r"^made=(\S+)$", script, re.MULTILINE)
    wanted = {
        "man": "usr/share/man/man1/",
        "bash": "usr/share/bash-completion/completions/",
        "zsh": "usr/share/zsh/vendor-completions/",
        "fish": "usr/share/fish/vendor_completions.d/",
    }
    found = {source: target for source, target, _ in deb["assets"] if not source.endswith("/claude-otel")}
    for name, target in wanted.items():
        source = f"{folder and folder[1]}/{name}/*"
        if found.get(source) != target:
            yield f"{source} goes to {found.get(source)}, not to {target}"
        if not re.search(rf'claude-otel (man "\$made/{name}"|completions {name} > "\$made/{name}/)', script):
            yield f"build.sh does not make {name}"
    for source in found:
        if source.startswith("target/") and source.split("/")[2] not in wanted:
            yield f"nothing makes {source}"


def units(packaging):
    """the package brings every unit to where systemd looks for it"""
    deb = packaging.cargo["package"]["metadata"]["deb"]
    for path in packaging.files("systemd/*/*"):
        source = path.relative_to(packaging.repository).as_posix()
        targets = [target for pattern, target, _ in deb["assets"] if fnmatch.fnmatch(source, pattern)]
        folder = "usr/share/doc/claude-otel/examples/" if path.suffix == ".conf" else f"usr/lib/systemd/{path.parent.name}/"
        if targets != [folder]:
            yield f"{source} goes to {targets}"


def changelog(packaging):
    """the newest entry of the package's changelog is for this version"""
    path = packaging.folder / "deb/changelog"
    entry = re.match(r"claude-otel \((\S+)\) ", path.read_text())
    if entry is None or entry[1] != f"{packaging.version}-1":
        yield f"the newest entry is for {entry and entry[1]}, the program is {packaging.version}"


def parsed_changelog(packaging):
    """dpkg has nothing to say against the changelog"""
    result = run([tool("dpkg-parsechangelog", "dpkg-dev"), "--all", "-l", packaging.folder / "deb/changelog"])
    if result.returncode or result.stderr.strip():
        yield result.stderr.strip()


CHECKS = [metadata, made, units, changelog, parsed_changelog]
