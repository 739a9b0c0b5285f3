"""Sums and bills by Python: csv, zoneinfo and Decimal, against what the program says of the same requests.

Reads {"jsonl", "csv", "zone", "prices": {model: dollars for a million tokens}, "tables": [{"by": [word], "answer"}]} and prints a
line for each thing that is wrong.
"""

import csv
import io
import json
import sys
from collections import Counter, defaultdict
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

NANO = Decimal(10**9)
TOKENS = ("input", "cacheRead", "cacheWrite", "cacheWrite1h", "reasoning", "output")


def nano(dollars) -> int:
    return int(Decimal(dollars or 0) * NANO)


def bill(tokens: dict, price: dict) -> int:
    """Nano-dollars: what a million tokens cost in dollars is what one costs in thousands of them."""
    part = {name: tokens[name] or 0 for name in TOKENS}
    rate = {name: Decimal(str(price.get(name, price["input"]))) for name in ("input", "cache-read", "cache-write")}
    hour = Decimal(str(price.get("cache-write-1h", rate["cache-write"])))
    fresh = part["input"] - part["cacheRead"] - part["cacheWrite"] - part["cacheWrite1h"]
    cost = fresh * rate["input"] + part["cacheRead"] * rate["cache-read"] + part["cacheWrite"] * rate["cache-write"]
    cost += part["cacheWrite1h"] * hour + part["output"] * Decimal(str(price["output"]))
    return int((cost * 1000).to_integral_value(ROUND_HALF_UP))


def named(request: dict, by: str, zone: ZoneInfo) -> str:
    match by:
        case "key" | "credential":
            return (request[by] or {"name": "(none)"})["name"]
        case "provider":
            return request["provider"] or "(none)"
        case "model":
            return request["model"] or request["asked"]
        case "hour":
            return request["at"][:13]
        case _:
            return local(request["at"], zone)


def local(at: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(at.replace("Z", "+00:00")).astimezone(zone).strftime("%Y-%m-%d")


def summed(requests: list) -> Counter:
    sums = Counter()
    for request in requests:
        sums["requests"] += 1
        sums["failed"] += request["error"] is not None
        for name in TOKENS:
            sums[name] += request["tokens"][name] or 0
        sums["worth" if request["billing"] == "subscription" else "paid"] += nano(request["cost"])
    return +sums


def said(row: dict) -> Counter:
    counts = Counter({"requests": row["requests"], "failed": row["failed"], **row["tokens"]})
    return +(counts + Counter(paid=nano(row["cost"]["paid"]), worth=nano(row["cost"]["worth"])))


def main() -> None:
    asked = json.load(sys.stdin)
    zone = ZoneInfo(asked["zone"])
    requests = [json.loads(line) for line in asked["jsonl"].split("\n") if line]
    lines = list(csv.DictReader(io.StringIO(asked["csv"], newline="")))
    if len(lines) != len(requests) or not lines:
        print(f"{len(requests)} requests as JSON, {len(lines)} as CSV")
    for request, line in zip(requests, lines):
        if any(cell[:1] in ("=", "+", "-", "@", "\t", "\r") for cell in line.values() if cell):
            print(f"a formula for a spreadsheet: {line}")
        unmarked = line["key"].removeprefix("'")
        if (line["id"], unmarked, line["cost_usd"]) != (request["id"], request["key"]["name"], request["cost"] or ""):
            print(f"{line} is not {request}")
        price = asked["prices"].get(request["model"])
        if price and request["attemptCount"] == 1 and nano(request["cost"]) != bill(request["tokens"], price):
            print(f"{request['id']} costs {bill(request['tokens'], price)}, not {nano(request['cost'])}: {request['tokens']}")
    for table in asked["tables"]:
        groups = defaultdict(list)
        for request in requests:
            groups[tuple(named(request, by, zone) for by in table["by"])].append(request)
        wanted = {key: summed(group) for key, group in groups.items()}
        rows = table["answer"]["rows"]
        found = {}
        for row in rows:
            as_request = {"asked": row.get("model"), **{"key": None, "credential": None, "provider": None, "model": None}, **row}
            found[tuple(named(as_request, by, zone) for by in table["by"])] = said(row)
        for key in sorted(set(wanted) | set(found)):
            if wanted.get(key) != found.get(key):
                print(f"{table['by']} {key}: {found.get(key)}, and by Python {wanted.get(key)}")
        if said(table["answer"]["total"]) != summed(requests):
            print(f"the total of {table['by']}: {said(table['answer']['total'])}, and by Python {summed(requests)}")


main()
