"""rotel as a relay: it receives over every transport and hands on to a sink in this process, which keeps everything."""

import contextlib
import gzip
import http.server
import os
import threading

import otlp
import process

WHEELS = ("rotel==0.0.1a15", "opentelemetry-proto==1.45.2")
# A relay hands on what it got: everything has to be the same.
FIELDS = otlp.FIELDS
EXTRA_ATTRIBUTES = False
MERGES = False
REFUSES = ()
# This version takes OTLP/JSON, but reads no number that is written as text in metrics, as 64-bit ones have to be.
LOSES = {("http/json", "metrics")}


def version(_keep):
    return ", ".join(WHEELS)


class Sink(http.server.BaseHTTPRequestHandler):
    """An OTLP/HTTP receiver that remembers."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        with self.server.lock:
            self.server.bodies.append((self.path.rsplit("/", 1)[-1], body))
        self.send_response(200)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Rotel:
    """A running rotel."""

    def __init__(self, http_port, grpc_port, sink):
        self.http = f"http://127.0.0.1:{http_port}"
        self.grpc = f"http://127.0.0.1:{grpc_port}"
        self._sink = sink

    def spans(self, at_least):
        """What has arrived, once nothing more comes."""
        known, spans = 0, []

        def count():
            nonlocal known
            bodies = self.bodies()
            for signal, body in bodies[known:]:
                spans.extend(otlp.from_protobuf(body) if signal == "traces" else ())
            known = len(bodies)
            return len(spans)

        process.wait_until_quiet(count, at_least)
        return spans

    def bodies(self):
        """The requests that have arrived, each with its signal."""
        with self._sink.lock:
            return list(self._sink.bodies)

    def own_view(self, _expected):
        """A relay has no view of its own."""
        return []


@contextlib.contextmanager
def start(folder):
    """Starts rotel with its sink."""
    import rotel

    sink = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    sink.bodies, sink.lock = [], threading.Lock()
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    http_port, grpc_port = process.free_port(), process.free_port()
    command = [
        os.path.join(os.path.dirname(rotel.__file__), "rotel-agent"), "start",
        "--otlp-http-endpoint", f"127.0.0.1:{http_port}",
        "--otlp-grpc-endpoint", f"127.0.0.1:{grpc_port}",
        # With batches of its own, this version drops the resource where it cuts one in two.
        "--disable-batching",
        "--exporter", "otlp",
        "--otlp-exporter-protocol", "http",
        "--otlp-exporter-endpoint", f"http://127.0.0.1:{sink.server_port}",
    ]
    try:
        with process.running(command, folder / "rotel.log", {"HOME": str(folder)}) as agent:
            process.wait_for("rotel", lambda: process.listens(http_port) and process.listens(grpc_port), agent)
            yield Rotel(http_port, grpc_port, sink)
    finally:
        sink.shutdown()
        sink.server_close()


def check(program, scratch):
    """Spans field by field, and all three signals item by item."""
    import sys

    import transports

    return all([transports.check(program, sys.modules[__name__], scratch), check_signals(program, scratch)])


def check_signals(program, scratch):
    """Everything that all three signals hold comes through unchanged."""
    import items
    import transports

    folder = scratch / "signals"
    folder.mkdir()
    expected = items.from_files(program.files(folder, "--metrics", "historical"))
    for found in expected.values():
        items.check_the_comparison(found)
    sizes = {signal: sum(found.values()) for signal, found in expected.items()}
    print(f"\nall signals, expected: {', '.join(f'{size} in {signal}' for signal, size in sizes.items())}")
    is_right = True
    for protocol, compression in transports.TRANSPORTS:
        folder = scratch / f"signals-{protocol}-{compression}".replace("/", "-")
        folder.mkdir()
        with start(folder) as server:
            address = server.grpc if protocol == "grpc" else server.http
            done = program.backfill(folder, "--metrics", "historical", "--endpoint", address, "--protocol", protocol,
                                    "--compression", compression)
            process.wait_until_quiet(lambda: len(server.bodies()), 1)
            found = {signal: items.collections.Counter() for signal in items.SIGNALS}
            for signal, body in server.bodies():
                found[signal] += items.of_body(signal, body)
        wrong = {signal: items.differences(expected[signal], found[signal]) for signal in items.SIGNALS}
        texts = [f"{signal}: {missing} missing, {unknown} unknown" for signal, (missing, unknown) in wrong.items()]
        print(f"{protocol + ' ' + ('' if compression == 'none' else compression):<22}"
              f"exit code {done.returncode}; {'; '.join(texts)}")
        is_whole = not any(any(pair) for signal, pair in wrong.items() if (protocol, signal) not in LOSES)
        is_right = is_right and not done.returncode and is_whole
    return is_right
