"""Spans as plain values, read from OTLP in either encoding, and their comparison."""

import dataclasses
import json

# Everything that a receiver can keep or change; receivers that drop a field compare fewer.
FIELDS = ("trace_id", "parent_id", "name", "start", "end", "kind", "status", "flags", "attributes", "events", "links",
          "resource", "scope")
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
SESSION = "session.id"


@dataclasses.dataclass(frozen=True)
class Span:
    """One span; times in nanoseconds, ids in hexadecimal digits."""

    span_id: str
    trace_id: str
    parent_id: str
    name: str
    start: int
    end: int
    kind: int = 0
    status: int = 0
    flags: int = 0
    attributes: dict = dataclasses.field(default_factory=dict)
    events: tuple = ()
    links: tuple = ()
    resource: dict = dataclasses.field(default_factory=dict)
    scope: tuple = ()


def from_file(path):
    """The spans of a file of OTLP/JSON lines."""
    with open(path, encoding="utf-8") as lines:
        return [span for line in lines for span in from_json(json.loads(line))]


def from_json(request):
    """The spans of an export request in OTLP/JSON, which writes ids in hexadecimal digits and 64-bit numbers as text."""
    for resource_spans in request.get("resourceSpans", []):
        resource = _json_attributes(resource_spans.get("resource", {}))
        for scope_spans in resource_spans.get("scopeSpans", []):
            scope = scope_spans.get("scope", {})
            for span in scope_spans.get("spans", []):
                yield Span(
                    span_id=span["spanId"],
                    trace_id=span["traceId"],
                    parent_id=span.get("parentSpanId", ""),
                    name=span["name"],
                    start=int(span["startTimeUnixNano"]),
                    end=int(span["endTimeUnixNano"]),
                    kind=span.get("kind", 0),
                    status=span.get("status", {}).get("code", 0),
                    flags=span.get("flags", 0),
                    attributes=_json_attributes(span),
                    events=tuple((event["name"], int(event["timeUnixNano"]), _json_attributes(event))
                                 for event in span.get("events", [])),
                    links=tuple((link["traceId"], link["spanId"], _json_attributes(link))
                                for link in span.get("links", [])),
                    resource=resource,
                    scope=(scope.get("name", ""), scope.get("version", "")),
                )


def _json_attributes(holder):
    return {pair["key"]: _json_value(pair["value"]) for pair in holder.get("attributes", [])}


def _json_value(value):
    (kind, inner), = value.items()
    if kind == "intValue":
        return int(inner)
    if kind == "arrayValue":
        return [_json_value(item) for item in inner.get("values", [])]
    return inner


def from_protobuf(body):
    """The spans of an export request in protobuf."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    request = ExportTraceServiceRequest.FromString(body)
    for resource_spans in request.resource_spans:
        resource = _proto_attributes(resource_spans.resource)
        for scope_spans in resource_spans.scope_spans:
            for span in scope_spans.spans:
                yield Span(
                    span_id=span.span_id.hex(),
                    trace_id=span.trace_id.hex(),
                    parent_id=span.parent_span_id.hex(),
                    name=span.name,
                    start=span.start_time_unix_nano,
                    end=span.end_time_unix_nano,
                    kind=span.kind,
                    status=span.status.code,
                    flags=span.flags,
                    attributes=_proto_attributes(span),
                    events=tuple((event.name, event.time_unix_nano, _proto_attributes(event)) for event in span.events),
                    links=tuple((link.trace_id.hex(), link.span_id.hex(), _proto_attributes(link))
                                for link in span.links),
                    resource=resource,
                    scope=(scope_spans.scope.name, scope_spans.scope.version),
                )


def _proto_attributes(holder):
    return {pair.key: _proto_value(pair.value) for pair in holder.attributes}


def _proto_value(value):
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_proto_value(item) for item in value.array_value.values]
    return getattr(value, kind) if kind else None


def differences(expected, found, fields=FIELDS, extra_attributes=False):
    """How many spans are missing, unknown or doubled, and how many differ, by field; and the first example of each."""
    counts = dict.fromkeys(("missing", "unknown", "doubled", *fields), 0)
    examples = {}

    def note(what, example):
        counts[what] += 1
        examples.setdefault(what, example)

    by_id = {}
    for span in found:
        if span.span_id in by_id:
            note("doubled", span)
        by_id[span.span_id] = span
    known = {span.span_id for span in expected}
    for span in found:
        if span.span_id not in known:
            note("unknown", span)
    for span in expected:
        other = by_id.get(span.span_id)
        if other is None:
            note("missing", span)
            continue
        for field in fields:
            wanted, there = getattr(span, field), getattr(other, field)
            if field == "attributes" and extra_attributes:
                there = {name: value for name, value in there.items() if name in wanted}
            if wanted != there:
                note(field, (span.name, span.span_id, _what_differs(wanted, there)))
    return counts, examples


def _what_differs(wanted, there):
    if isinstance(wanted, dict):
        names = [name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name)]
        return {name: (wanted.get(name), there.get(name)) for name in sorted(names)}
    return wanted, there


def totals(spans):
    """What a person would look at first: spans, sessions, input and output tokens."""
    return {
        "spans": len(spans),
        "sessions": len({span.attributes.get(SESSION) for span in spans}),
        "input": sum(span.attributes.get(INPUT_TOKENS, 0) for span in spans),
        "output": sum(span.attributes.get(OUTPUT_TOKENS, 0) for span in spans),
    }


def check_the_comparison(spans):
    """A comparison that sees nothing would agree with everything: each kind of damage has to be seen."""
    span = max(spans, key=lambda span: (len(span.attributes), span.span_id))
    others = [other for other in spans if other is not span]
    damages = {
        "trace_id": "0" * 32, "parent_id": "0" * 16, "name": span.name + "x", "start": span.start + 1,
        "end": span.end + 1, "kind": span.kind + 1, "status": span.status + 1, "flags": span.flags + 1,
        "attributes": {**span.attributes, INPUT_TOKENS: -1}, "events": (("x", 0, {}),), "links": (("", "", {}),),
        "resource": {}, "scope": (),
    }
    assert set(damages) == set(FIELDS)
    for field, value in damages.items():
        counts, _ = differences(spans, [*others, dataclasses.replace(span, **{field: value})])
        assert counts[field] == 1 and sum(counts.values()) == 1, f"a changed {field} is not seen: {counts}"
    assert differences(spans, others)[0]["missing"] == 1
    assert differences(others, spans)[0]["unknown"] == 1
    assert differences(spans, [*spans, span])[0]["doubled"] == 1
