"""Pages: links lead somewhere, and commands and flags are those of the program."""

import re
import shlex

from common import Missing, run

# Flags of other programs.
OTHERS = {"--damage", "--disable-batching", "--no-session-persistence", "--program", "--use-sdk", "--user",
          "--web.enable-otlp-receiver", "--logfire-token", "--otel-endpoint", "--otel-headers", "--claudia-debug",
          "--claude-otel-debug", "--flag"}
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def pages(packaging):
    repository = packaging.repository
    found = [repository / "README.md", repository / "CHANGELOG.md", *sorted(repository.glob("docs/**/*.md"))]
    for path in found:
        yield path, path.relative_to(repository), path.read_text()


def anchor(heading):
    """What a heading is called in an address, as the places that show such pages make it."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def anchors(text):
    return {anchor(heading) for heading in re.findall(r"^#+ (.*)$", FENCE.sub("", text), re.MULTILINE)}


def linked(packaging):
    """links between pages lead to a file, and to a heading where they name one"""
    for path, name, text in pages(packaging):
        for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", text)):
            if "://" in target:
                continue
            file, _, heading = target.partition("#")
            there = (path.parent / file).resolve() if file else path
            if not there.exists():
                yield f"{name}: {target} is not there"
            elif heading and heading not in anchors(there.read_text()):
                yield f"{name}: {target} names no heading"


def known(packaging):
    """flags that pages name are those of the program"""
    help_texts = "".join(re.findall(r"^```text$.*?^```$", (packaging.repository / "docs/cli.md").read_text(),
                                    re.MULTILINE | re.DOTALL))
    flags = set(re.findall(r"--[a-z][a-z0-9-]*", help_texts))
    for _, name, text in pages(packaging):
        # What was once is in the changelog.
        if name.name == "CHANGELOG.md":
            continue
        for flag in re.findall(r"`(--[a-z][a-z0-9.-]*)[^`]*`", FENCE.sub("", text)):
            if flag not in flags | OTHERS:
                yield f"{name}: there is no {flag}"
        yield from (f"{name}: there is no {flag}" for line in commands(text) for flag in line if flag[:2] == "--"
                    and flag.split("=")[0] not in flags)


def commands(text):
    """Every call of the program in blocks and in the text, word by word; what a shell would do with it is left out."""
    for words in re.findall(r"`claude-otel ([a-z][^`]*)`", FENCE.sub("", text)):
        # What stands for something else is in capitals.
        if not re.search(r"\b[A-Z]{4,}\b|…|\.\.\.", words):
            yield shlex.split(words)
    for block in FENCE.findall(text):
        if not re.match(r"```(sh|bash|console)\n", block):
            continue
        for line in block.replace("\\\n", " ").splitlines():
            call = re.search(r"(?:^|[ ;&|(])claude-otel ([^|;&<>#)]*)", line.removeprefix("$ "))
            # What begins with claude-otel and a dot or an at sign is a service, and no blank follows.
            if call and re.match(r"(\$ )?(\w+=\S+ )*(sudo |env |exec )*claude-otel ", line):
                yield shlex.split(call[1])


def understood_by(program):
    def understood(packaging):
        """the program understands every command on the pages"""
        count = 0
        for _, name, text in pages(packaging):
            for words in commands(text):
                count += 1
                # With --help at the end it reads everything before that and then does nothing.
                result = run([program, *words, "--help"])
                if result.returncode:
                    yield f"{name}: {' '.join(words)}: {result.stderr.strip().splitlines()[0]}"
        if count < 60:
            yield f"only {count} commands were found"

    return understood


CHECKS = [linked, known]
