"""What every client is asked for, and how a script reports what came of it: a line of JSON for each feature."""

import base64
import json
import os
import time
import traceback

URL = os.environ["GATEWAY_URL"]
KEY = os.environ["GATEWAY_KEY"]
MODEL = os.environ["GATEWAY_MODEL"]

HELLO = "Hello from the sandbox!"
CALL = 'call weather with {"city":"Bonn"}'
ANSWERED = 'weather answered: "sunny in Bonn"'
SEEN = "I see an image/png of 69 bytes."
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)
PNG_BYTES = base64.b64decode(PNG)
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def weather(city: str) -> str:
    """The weather of a city.

    Args:
        city: Its name.
    """
    return f"sunny in {city}"


def expect(actual, wanted) -> None:
    """Fails unless `wanted` is `actual`, or stands in it where both are text."""
    same = wanted in actual if isinstance(wanted, str) and isinstance(actual, str) else actual == wanted
    if not same:
        raise AssertionError(f"expected {wanted!r}, got {actual!r}")


def report(client: str, features: dict) -> None:
    """Runs the features one after the other; each prints its line, whatever became of the others."""
    for name, ask in features.items():
        started = time.monotonic()
        try:
            ask()
            problem = None
        except BaseException as error:  # noqa: BLE001: the reason is what is reported
            last = traceback.extract_tb(error.__traceback__)[-1]
            problem = f"{type(error).__name__}: {error} ({os.path.basename(last.filename)}:{last.lineno})"
        seconds = round(time.monotonic() - started, 2)
        print(json.dumps({"client": client, "feature": name, "problem": problem, "seconds": seconds}), flush=True)
