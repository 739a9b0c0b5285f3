"""What a Collector sends on of our traces and metrics, decoded by OpenTelemetry's own schema.

Reads {"exports": [{"path", "type", "body" in base64}], "forbidden": [text], "spans": the least number} and prints a line for each thing
that is wrong.
"""

import base64
import json
import sys

from google.protobuf.unknown_fields import UnknownFieldSet
from judge_traces import complaints_about, spans_in
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality

KINDS = {"/v1/traces": ExportTraceServiceRequest, "/v1/metrics": ExportMetricsServiceRequest}
# What each must be once a Collector has read our page.
SUMS = ("cpa_requests_total", "cpa_tokens_total", "cpa_attempts_total", "cpa_usage_records_total")
HISTOGRAMS = ("cpa_request_duration_seconds", "cpa_time_to_first_token_seconds", "cpa_gateway_overhead_seconds")
GAUGES = ("cpa_build_info", "cpa_credentials", "cpa_requests_in_flight")


def resource_of(part) -> dict:
    return {one.key: one.value.string_value for one in part.resource.attributes}


def judge_traces(messages) -> None:
    spans = [span for message in messages for span in spans_in(message)]
    by_id = {span.span_id: span for span in spans}
    if len(by_id) != len(spans):
        print(f"{len(spans)} spans, {len(by_id)} ids")
    for span in spans:
        for complaint in complaints_about(span, by_id):
            print(f"{span.name} {complaint}")
    services = {resource_of(part).get("service.name") for message in messages for part in message.resource_spans}
    if services != {"cli-proxy-api"}:
        print(f"services {services}")
    return len(spans)


def judge_metrics(messages) -> None:
    # A series that is gone is exported once more, without a value: what was said of it counts.
    found = {}
    exemplars = []
    for message in messages:
        for part in message.resource_metrics:
            if resource_of(part).get("service.name") != "cli-proxy-api":
                print(f"metrics of {resource_of(part)}")
            for scope in part.scope_metrics:
                for metric in scope.metrics:
                    found[metric.name] = metric
                    if metric.WhichOneof("data") == "histogram":
                        exemplars += [one for point in metric.histogram.data_points for one in point.exemplars]
    for name in SUMS:
        metric = found.get(name)
        if metric is None or metric.WhichOneof("data") != "sum" or not metric.sum.is_monotonic:
            print(f"{name} is no counter")
    for name in HISTOGRAMS:
        metric = found.get(name)
        if metric is None or metric.WhichOneof("data") != "histogram":
            print(f"{name} is no histogram")
        elif metric.histogram.aggregation_temporality != AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE:
            print(f"{name} is not cumulative")
        else:
            for point in metric.histogram.data_points:
                if sum(point.bucket_counts) != point.count:
                    print(f"{name} has buckets of {sum(point.bucket_counts)} and a count of {point.count}")
    for name in GAUGES:
        metric = found.get(name)
        if metric is None or metric.WhichOneof("data") != "gauge":
            print(f"{name} is no gauge")
    if not exemplars or any(len(exemplar.trace_id) != 16 for exemplar in exemplars):
        print(f"{len(exemplars)} exemplars with the ids of traces")


def main() -> None:
    asked = json.load(sys.stdin)
    messages = {path: [] for path in KINDS}
    for export in asked["exports"]:
        data = base64.b64decode(export["body"])
        message = KINDS[export["path"]]()
        message.ParseFromString(data)
        if len(UnknownFieldSet(message)) > 0 or export["type"] != "application/x-protobuf":
            print(f"{export['path']} as {export['type']} has fields that the schema has not")
        messages[export["path"]].append(message)
        for text in asked["forbidden"]:
            if text.encode() in data:
                print(f"{export['path']} holds {text}")
    count = judge_traces(messages["/v1/traces"])
    if count < asked["spans"]:
        print(f"{count} spans, fewer than {asked['spans']}")
    judge_metrics(messages["/v1/metrics"])


main()
