"""Renders a chart by Helm's own engine, for machines without its program: the chart's directory is the argument, a list of
values comes in as JSON; out go, for each, the manifests by their template, or {"error": …}."""

import json
import sys

import helm_python

helm_python.disable_logging()
chart = helm_python.Chart.load(sys.argv[1])


def rendered(values):
    try:
        return chart.render(values, name="gateway", namespace="ai")
    except helm_python.HelmError as error:
        return {"error": str(error)}


print(json.dumps([rendered(values) for values in json.load(sys.stdin)]))
