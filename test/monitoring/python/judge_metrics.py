"""A page of metrics by Prometheus's own client for Python: its parser of OpenMetrics is the strict one.

Reads {"open", "classic", "forbidden": [text]} and prints a line for each thing that is wrong.
"""

import json
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_families
from prometheus_client.parser import text_string_to_metric_families as classic_families

# Of the process, which goes on between the two pages.
MOVING = ("process_", "cpa_event_loop")


def samples_of(families) -> dict:
    found = {}
    for family in families:
        for sample in family.samples:
            if sample.name.startswith(MOVING):
                continue
            labels = {k: str(float(v)) if k == "le" else v for k, v in sample.labels.items()}
            found[(sample.name, tuple(sorted(labels.items())))] = sample.value
    return found


def main() -> None:
    asked = json.load(sys.stdin)
    try:
        families = list(open_families(asked["open"]))
        one, other = samples_of(families), samples_of(classic_families(asked["classic"]))
    except ValueError as error:
        print(f"cannot be parsed: {error}")
        return
    for key in sorted(set(one) | set(other)):
        if one.get(key) != other.get(key):
            print(f"{key}: {one.get(key)} as OpenMetrics, {other.get(key)} in the classic format")
    exemplars = [sample for family in families for sample in family.samples if sample.exemplar]
    if not exemplars:
        print("no exemplar")
    for sample in exemplars:
        if len(sample.exemplar.labels.get("trace_id", "")) != 32:
            print(f"{sample.name} has an exemplar without a trace: {sample.exemplar.labels}")
    for text in asked["forbidden"]:
        if text in asked["open"] + asked["classic"]:
            print(f"holds {text}")


main()
