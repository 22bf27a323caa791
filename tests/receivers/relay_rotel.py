"""rotel as a relay: it receives over every transport and hands on to a sink in this process, which keeps the spans."""

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


class Sink(http.server.BaseHTTPRequestHandler):
    """An OTLP/HTTP receiver that remembers."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        spans = list(otlp.from_protobuf(body))
        with self.server.lock:
            self.server.spans.extend(spans)
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
        process.wait_until_quiet(lambda: len(self._sink.spans), at_least)
        with self._sink.lock:
            return list(self._sink.spans)

    def own_view(self, _expected):
        """A relay has no view of its own."""
        return []


@contextlib.contextmanager
def start(folder):
    """Starts rotel with its sink."""
    import rotel

    sink = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    sink.spans, sink.lock = [], threading.Lock()
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
