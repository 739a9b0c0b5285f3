"""Days and local times by Python's zoneinfo, against what the program says of the same moments.

Reads {"zones": [{"zone", "requests": [ms], "series": [{"at", "requests"}], "todays": [{"now", "requests"}],
"moments": [{"time", "now", "text"}], "written": [{"text", "ms"}]}]} and prints a line for each thing that is wrong.
"""

import json
import sys
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)


def utc(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, timezone.utc)


class Days:
    def __init__(self, name: str) -> None:
        self.zone = ZoneInfo(name)

    def local(self, ms: int) -> datetime:
        return utc(ms).astimezone(self.zone)

    @lru_cache(maxsize=None)
    def begins(self, day: date) -> datetime:
        """The first moment of a day: the first quarter of an hour whose wall clock has reached it."""
        at = datetime(day.year, day.month, day.day, tzinfo=timezone.utc) - timedelta(hours=16)
        while at.astimezone(self.zone).date() < day:
            at += QUARTER
        return at

    def day_of(self, ms: int) -> date:
        """A day that has begun does not end again where clocks go back over midnight."""
        day = self.local(ms).date()
        return day + timedelta(days=1) if self.begins(day + timedelta(days=1)) <= utc(ms) else day

    def text(self, ms: int, now: int) -> str:
        at = self.local(ms)
        if at.date() == self.local(now).date():
            return f"{at:%H:%M}"
        if abs(ms - now) < 6 * 86_400_000:
            return f"{at:%A %H:%M}"
        return f"{at.day} {at:%B %H:%M}"


def judge(said: dict) -> None:
    zone = said["zone"]
    days = Days(zone)
    wanted = Counter()
    for ms in said["requests"]:
        wanted[days.begins(days.day_of(ms))] += 1
    found = Counter({datetime.fromisoformat(row["at"].replace("Z", "+00:00")): row["requests"] for row in said["series"]})
    for at in sorted(set(wanted) | set(found)):
        if wanted[at] != found[at]:
            print(f"{zone}: {found[at]} requests of the day that begins at {at}, and by Python {wanted[at]}")
    for today in said["todays"]:
        now = today["now"]
        begins = days.begins(days.day_of(now))
        count = sum(1 for ms in said["requests"] if begins <= utc(ms) and ms < now)
        if count != today["requests"]:
            print(f"{zone}: {today['requests']} requests today at {utc(now)}, and by Python {count}")
    for moment in said["moments"]:
        text = days.text(moment["time"], moment["now"])
        if text != moment["text"]:
            print(f"{zone}: {moment['text']!r} for {utc(moment['time'])} at {utc(moment['now'])}, and by Python {text!r}")
    for written in said["written"]:
        at = datetime.fromisoformat(written["text"]).replace(tzinfo=days.zone).astimezone(timezone.utc)
        if written["ms"] is None or utc(written["ms"]) != at:
            print(f"{zone}: {written['text']} is {written['ms'] and utc(written['ms'])}, and by Python {at}")


for one in json.load(sys.stdin)["zones"]:
    judge(one)
