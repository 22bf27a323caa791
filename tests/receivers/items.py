"""What travels in export requests of all three signals, each item as bytes that can be counted and compared."""

import base64
import collections
import json

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

REQUESTS = {
    "traces": ExportTraceServiceRequest, "metrics": ExportMetricsServiceRequest, "logs": ExportLogsServiceRequest,
}
SIGNALS = tuple(REQUESTS)
# Fields that OTLP/JSON writes in hexadecimal digits where the general mapping of protobuf has base64.
IDS = ("traceId", "spanId", "parentSpanId")


def from_files(folder):
    """Everything in the files of a folder, by signal."""
    found = {}
    for signal in SIGNALS:
        found[signal] = collections.Counter()
        for path in sorted(folder.glob(f"{signal}*.jsonl")):
            with open(path, encoding="utf-8") as lines:
                for line in lines:
                    found[signal] += of_request(signal, _request(signal, line))
    return found


def _request(signal, line):
    return json_format.ParseDict(_with_base64(json.loads(line)), REQUESTS[signal]())


def _with_base64(value):
    if isinstance(value, list):
        return [_with_base64(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: base64.b64encode(bytes.fromhex(inner)).decode() if name in IDS else _with_base64(inner)
            for name, inner in value.items()}


def of_body(signal, body):
    """The items of an export request in protobuf."""
    return of_request(signal, REQUESTS[signal].FromString(body))


def of_request(signal, request):
    """Each span, log record and data point with its scope and resource; of a metric, each point counts for itself."""
    found = collections.Counter()
    if signal == "traces":
        for group in request.resource_spans:
            for scope in group.scope_spans:
                found.update((*_place(group, scope), _bytes(span)) for span in scope.spans)
    elif signal == "logs":
        for group in request.resource_logs:
            for scope in group.scope_logs:
                found.update((*_place(group, scope), _bytes(record)) for record in scope.log_records)
    else:
        for group in request.resource_metrics:
            for scope in group.scope_metrics:
                for metric in scope.metrics:
                    found.update((*_place(group, scope), *point) for point in points(metric))
    return found


def points(metric):
    """Each point of a metric as bytes, behind the metric without its points."""
    bare = type(metric)()
    bare.CopyFrom(metric)
    kind = metric.WhichOneof("data")
    if kind is None:
        # Nothing is sent like this; whoever hands it on has lost the points.
        yield _bytes(bare), b""
        return
    getattr(bare, kind).ClearField("data_points")
    name = _bytes(bare)
    for point in getattr(metric, kind).data_points:
        yield name, _bytes(point)


def of_messages(signal, messages):
    """The items of messages that come without their scope and resource."""
    if signal == "metrics":
        return collections.Counter(point for metric in messages for point in points(metric))
    return collections.Counter((_bytes(message),) for message in messages)


def without_place(found):
    """The same items without their scope and resource."""
    bare = collections.Counter()
    for (_, _, *item), count in found.items():
        bare[tuple(item)] += count
    return bare


def _place(group, scope):
    return _bytes(group.resource), _bytes(scope.scope)


def _bytes(message):
    return message.SerializeToString(deterministic=True)


def differences(expected, found, copies=1):
    """How many items are missing, and how many are there that should not be."""
    wanted = collections.Counter({item: count * copies for item, count in expected.items()})
    return sum((wanted - found).values()), sum((found - wanted).values())


def check_the_comparison(expected):
    """A comparison that sees nothing would agree with everything."""
    item = next(iter(expected))
    changed = expected - collections.Counter([item])
    assert differences(expected, changed) == (1, 0)
    changed[(*item[:-1], item[-1] + b"x")] += 1
    assert differences(expected, changed) == (1, 1)
    assert differences(expected, expected, 2) == (sum(expected.values()), 0)
    assert differences(expected, expected) == (0, 0)
