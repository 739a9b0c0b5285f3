"""Bills by Python's Decimal, from what providers said in their own words and the price lists as they are written.

Reads {"table": path, "day", "owned": {model: prices of the config}, "bills": [{"over", "model", "tier", "usage", "aborted", "kept"}]}, where `kept`
is the request as the history has it, and prints a line for each that is wrong. Nothing here knows how the program counts.
"""

import json
import sys
from decimal import ROUND_HALF_UP, Decimal

# How the configuration calls what the table of models has.
NAMES = {
    "cacheRead": "cache-read",
    "cacheWrite": "cache-write",
    "cacheWrite1h": "cache-write-1h",
    "audioInput": "audio-input",
    "audioRead": "audio-cache-read",
    "audioOutput": "audio-output",
    "imageInput": "image-input",
    "imageRead": "image-cache-read",
    "imageOutput": "image-output",
    "videoInput": "video-input",
}
TIERS = ("flex", "priority", "fast", "batch")


def owned(price: dict) -> dict:
    found = {"input": price["input"], "output": price["output"]}
    found |= {name: price[written] for name, written in NAMES.items() if written in price}
    if "long-prompts" in price:
        step = price["long-prompts"]
        found["above"] = [owned(step) | {"tokens": step["longer-than"]}]
    return found


def listed(path: str, day: str) -> dict:
    prices = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            in_force = [price for price in row["prices"] if price.get("since", "") <= day]
            if in_force:
                prices |= {name: in_force[-1] for name in [row["id"], *row["names"]]}
    return prices


def by_modality(usage: dict, name: str) -> dict:
    return {part["modality"]: part["tokenCount"] for part in usage.get(name, [])}


def read(over: str, usage: dict) -> dict:
    """What was used, by the documents of who wrote it. `five` and `hour`: put into the cache."""
    match over:
        case "openai-chat" | "openai-responses":
            chat = over == "openai-chat"
            inside = usage.get("prompt_tokens_details" if chat else "input_tokens_details") or {}
            outside = usage.get("completion_tokens_details" if chat else "output_tokens_details") or {}
            cached = inside.get("cached_tokens_details") or {}
            return {
                "input": usage["prompt_tokens" if chat else "input_tokens"],
                "read": inside.get("cached_tokens", 0),
                "five": inside.get("cache_write_tokens", 0),
                "output": usage["completion_tokens" if chat else "output_tokens"],
                "audioInput": inside.get("audio_tokens", 0),
                "imageInput": inside.get("image_tokens", 0),
                "audioRead": cached.get("audio_tokens", 0),
                "audioOutput": outside.get("audio_tokens", 0),
            }
        case "anthropic-messages":
            written = usage["cache_creation"]
            five, hour = written["ephemeral_5m_input_tokens"], written["ephemeral_1h_input_tokens"]
            return {
                "input": usage["input_tokens"] + usage["cache_read_input_tokens"] + five + hour,
                "read": usage["cache_read_input_tokens"],
                "five": five,
                "hour": hour,
                "output": usage["output_tokens"],
            }
        case _:
            prompt = by_modality(usage, "promptTokensDetails")
            cached = by_modality(usage, "cacheTokensDetails")
            made = by_modality(usage, "candidatesTokensDetails")
            return {
                "input": usage["promptTokenCount"] + usage.get("toolUsePromptTokenCount", 0),
                "read": usage.get("cachedContentTokenCount", 0),
                "output": usage["candidatesTokenCount"] + usage.get("thoughtsTokenCount", 0),
                "audioInput": prompt.get("AUDIO", 0),
                "imageInput": prompt.get("IMAGE", 0),
                "videoInput": prompt.get("VIDEO", 0),
                "audioRead": cached.get("AUDIO", 0),
                "imageRead": cached.get("IMAGE", 0),
                "audioOutput": made.get("AUDIO", 0),
                "imageOutput": made.get("IMAGE", 0),
            }


def cost(used: dict, price: dict, tier: str | None) -> int:
    """Nano-dollars: dollars for a million tokens are thousands of nano-dollars for one."""
    part = lambda name: used.get(name, 0)
    if tier in TIERS:
        price = price.get("tiers", {}).get(tier, price)
    longer = [step for step in price.get("above", []) if part("input") > step["tokens"]]
    chosen = longer[-1] if longer else price
    rate = lambda *names: next(Decimal(str(chosen[name])) for name in names if name in chosen)
    media_new = {kind: part(f"{kind}Input") - part(f"{kind}Read") for kind in ("audio", "image", "video")}
    text_read = part("read") - part("audioRead") - part("imageRead")
    text_new = part("input") - part("read") - part("five") - part("hour") - sum(media_new.values())
    text_output = part("output") - part("audioOutput") - part("imageOutput")
    if min(text_read, text_new, text_output, *media_new.values()) < 0:
        raise ValueError(f"parts larger than their totals: {used}")
    whole = text_new * rate("input") + text_read * rate("cacheRead", "input")
    whole += part("five") * rate("cacheWrite", "input") + part("hour") * rate("cacheWrite1h", "cacheWrite", "input")
    whole += text_output * rate("output")
    for kind, count in media_new.items():
        whole += count * rate(f"{kind}Input", "input")
    for kind in ("audio", "image"):
        whole += part(f"{kind}Read") * rate(f"{kind}Read", f"{kind}Input", "cacheRead", "input")
        whole += part(f"{kind}Output") * rate(f"{kind}Output", "output")
    return int((whole * 1000).to_integral_value(ROUND_HALF_UP))


def main() -> None:
    asked = json.load(sys.stdin)
    prices = listed(asked["table"], asked["day"]) | {name: owned(price) for name, price in asked["owned"].items()}
    for bill in asked["bills"]:
        over, usage, kept = bill["over"], bill["usage"], bill["kept"]
        used = read(over, usage)
        tokens = kept["tokens"]
        told = usage.get("cost")
        if bill["aborted"]:
            # What it had written is the program's guess; what the provider had said by then is not. Google says it with each piece.
            used["output"] = tokens["output"] or 0
            if over not in ("anthropic-messages", "gemini"):
                used = {"input": tokens["input"] or 0, "output": used["output"]}
        whole = {"input": used["input"], "output": used["output"]}
        said = {name: tokens[name] for name in whole}
        if said != whole:
            print(f"{bill['what']}: {said} tokens, and by Python {whole}")
        if kept["counted"] != ("estimate" if bill["aborted"] else "provider"):
            print(f"{bill['what']}: counted by {kept['counted']}")
        price = prices.get(bill["model"])
        if told is not None:
            wanted, source = int((Decimal(str(told)) * 10**9).to_integral_value(ROUND_HALF_UP)), "upstream"
        elif price is None:
            wanted, source = None, None
        else:
            wanted, source = cost(used, price, bill["tier"]), "owner" if bill["model"] in asked["owned"] else "list"
        found = None if kept["cost"] is None else int(Decimal(kept["cost"]) * 10**9)
        if (found, kept["costSource"]) != (wanted, source):
            print(f"{bill['what']}: {found} of {kept['costSource']}, and by Python {wanted} of {source}: {usage}")


main()
