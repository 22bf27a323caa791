"""The same transcripts over every transport: read back span by span, and once more after they were sent again."""

import otlp
from program import REFUSED

TRANSPORTS = [
    ("http/protobuf", "none"), ("http/protobuf", "gzip"), ("http/json", "none"), ("grpc", "none"), ("grpc", "gzip"),
]


def check(program, receiver, scratch):
    """Compares over every transport with a receiver, which is a module."""
    files = sorted(program.files(scratch).glob("traces*.jsonl"))
    expected = [span for file in files for span in otlp.from_file(file)]
    if not expected:
        raise SystemExit("there are no spans to compare")
    otlp.check_the_comparison(expected)
    print(f"\nspans over every transport, expected: {shown(otlp.totals(expected))}")
    print(f"compared: span ids, {', '.join(receiver.FIELDS)}")
    print(f"{'transport':<22}{'spans':>8}{'sessions':>10}{'input':>15}{'output':>13}  differences")
    results = []
    for protocol, compression in TRANSPORTS:
        folder = scratch / f"{protocol}-{compression}".replace("/", "-")
        folder.mkdir()
        with receiver.start(folder) as server:
            results.append(compare(program, receiver, server, expected, folder, protocol, compression))
    return all(results)


def compare(program, receiver, server, expected, folder, protocol, compression):
    """Sends once, compares, sends once more, and compares again."""
    def send():
        address = server.grpc if protocol == "grpc" else server.http
        return program.backfill(folder, "--signals", "traces", "--endpoint", address, "--protocol", protocol,
                                "--compression", compression)

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
