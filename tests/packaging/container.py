"""The container image."""

import json
import re

from common import run, tool


def instructions(path):
    """Instruction and arguments, with continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", path.read_text(), flags=re.M)
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name, rest.strip()


def stages(path):
    """The arguments of FROM, and the instructions below each."""
    found = []
    for name, rest in instructions(path):
        if name == "FROM":
            found.append((rest, []))
        elif found:
            found[-1][1].append((name, rest))
    return found


def dockerfile(packaging):
    """the image holds the program alone, runs as nobody and writes to its state only"""
    path = packaging.folder / "docker/Dockerfile"
    all_stages = stages(path)
    (base, last), names = all_stages[-1], [rest.split(" AS ")[1] for rest, _ in all_stages if " AS " in rest]
    found = {}
    for name, rest in last:
        found.setdefault(name, []).append(rest)
    if base != "scratch":
        yield f"the image is made from {base}"
    for rest in found["COPY"]:
        source = re.match(r"--from=(\S+)", rest)
        if source is None or source[1] not in names:
            yield f"COPY {rest}: no such stage"
    if not re.fullmatch(r"[1-9]\d*:[1-9]\d*", found["USER"][-1]):
        yield "a cluster that forbids root cannot tell who this is"
    if found["ENV"] != [f"XDG_STATE_HOME={found['VOLUME'][0]}"]:
        yield "the state is not on its volume"
    try:
        if json.loads(found["ENTRYPOINT"][0]) != ["/claude-otel"] or json.loads(found["CMD"][0])[0] != "watch":
            yield "it starts something else"
    except ValueError:
        yield "there is no shell in the image that could read the command"
    wanted = packaging.cargo["package"]["rust-version"]
    rust = dict(rest.split("=") for name, rest in instructions(path) if name == "ARG")["RUST_VERSION"]
    if [int(part) for part in rust.split(".")] < [int(part) for part in wanted.split(".")]:
        yield f"Rust {rust} is older than {wanted}"


def context(packaging):
    """the image is built of what it needs and of nothing else"""
    lines = (packaging.folder / "docker/Dockerfile.dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    needed = {"!Cargo.toml", "!Cargo.lock", "!src", f"!{packaging.cargo['package']['readme']}"}
    if rules[0] != "*" or set(rules[1:]) != needed:
        yield f"the context is {rules}"


def hadolint(packaging):
    """hadolint has nothing to say against the Dockerfile"""
    result = run([tool("hadolint"), "--no-color", packaging.folder / "docker/Dockerfile"])
    if result.returncode:
        yield from (result.stdout + result.stderr).strip().splitlines()


CHECKS = [dockerfile, context, hadolint]


def calls(packaging):
    """Every call of the program, word by word."""
    path = packaging.folder / "docker/Dockerfile"
    yield path.name, json.loads(dict(stages(path)[-1][1])["CMD"])
