"""Traces as collectors get them: OpenTelemetry's own schema decodes every byte, and its conventions name what must be there.

Reads {"exports": [{"type", "gzip", "body" in base64}], "forbidden": [text]} and prints a line for each thing that is wrong.
"""

import base64
import gzip
import json
import sys

from google.protobuf import json_format
from google.protobuf.unknown_fields import UnknownFieldSet
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

IDS = ("traceId", "spanId", "parentSpanId")
OF_SERVERS = ("http.request.method", "url.path", "url.scheme", "http.route", "http.response.status_code")
OF_CLIENTS = ("gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model")


def spans_in(message):
    return [span for rs in message.resource_spans for ss in rs.scope_spans for span in ss.spans]


def decoded(kind: str, data: bytes) -> ExportTraceServiceRequest:
    message = ExportTraceServiceRequest()
    if kind == "application/x-protobuf":
        message.ParseFromString(data)
        for part in (message, *spans_in(message)):
            assert len(UnknownFieldSet(part)) == 0, "fields that the schema does not have"
        return message
    value = json.loads(data)
    # OTLP has ids in hexadecimal, where protobuf's JSON has base64.
    for rs in value["resourceSpans"]:
        for ss in rs["scopeSpans"]:
            for span in ss["spans"]:
                for name in IDS:
                    if name in span:
                        span[name] = base64.b64encode(bytes.fromhex(span[name])).decode()
    # Rejects fields that the schema does not have.
    return json_format.ParseDict(value, message)


def attributes(span) -> dict:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}


def complaints_about(span, by_id):
    found = attributes(span)
    if len(span.trace_id) != 16 or len(span.span_id) != 8:
        yield "ids of other lengths"
    if not 0 < span.start_time_unix_nano <= span.end_time_unix_nano:
        yield "ends before it begins"
    if span.kind == Span.SPAN_KIND_SERVER:
        yield from (f"has no {name}" for name in OF_SERVERS if name not in found)
        if span.name != f"{found.get('http.request.method')} {found.get('http.route')}":
            yield "is not named by method and route"
        status = found.get("http.response.status_code", 0)
        if status >= 500 and span.status.code != Status.STATUS_CODE_ERROR:
            yield "has no error status"
        if status >= 400 and "error.type" not in found:
            yield "has no error.type"
    elif span.kind == Span.SPAN_KIND_CLIENT:
        yield from (f"has no {name}" for name in OF_CLIENTS if name not in found)
        if span.name != f"{found.get('gen_ai.operation.name')} {found.get('gen_ai.request.model')}":
            yield "is not named by operation and model"
        if (span.status.code == Status.STATUS_CODE_ERROR) != ("error.type" in found):
            yield "has a status that its error.type does not fit"
        parent = by_id.get(span.parent_span_id)
        if parent is None or parent.kind != Span.SPAN_KIND_SERVER or parent.trace_id != span.trace_id:
            yield "has no request above it"
        elif not parent.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano <= parent.end_time_unix_nano:
            yield "is not within its request"
    else:
        yield f"is of kind {span.kind}"


def main() -> None:
    asked = json.load(sys.stdin)
    spans, bytes_seen = [], b""
    for export in asked["exports"]:
        data = base64.b64decode(export["body"])
        data = gzip.decompress(data) if export["gzip"] else data
        try:
            message = decoded(export["type"], data)
        except Exception as error:  # whatever a decoder says is a complaint
            print(f"cannot be decoded: {error!r}")
            continue
        spans += spans_in(message)
        bytes_seen += message.SerializeToString()
    by_id = {span.span_id: span for span in spans}
    if len(by_id) != len(spans) or not spans:
        print(f"{len(spans)} spans, {len(by_id)} ids")
    for span in spans:
        for complaint in complaints_about(span, by_id):
            print(f"{span.name} {complaint}: {attributes(span)}")
    for text in asked["forbidden"]:
        if text.encode() in bytes_seen:
            print(f"holds {text}")


if __name__ == "__main__":
    main()
