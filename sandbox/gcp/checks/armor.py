"""Rules of Cloud Armor."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.gcp.cloud import GcpCloud

LAST = 2_147_483_647
ACTIONS = ("allow", "deny(403)", "deny(404)", "deny(502)", "throttle", "rate_based_ban", "redirect")
SECONDS = (10, 30, 60, 120, 180, 240, 270, 300, 600, 900, 1200, 1800, 2700, 3600)
RATED = ("throttle", "rate_based_ban")


def rules(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """One rule for each priority, the last for everybody; rates where a rule limits them."""
    given = properties["rules"] or []
    priorities = [rule["priority"] for rule in given]
    for twice in sorted({one for one in priorities if priorities.count(one) > 1}):
        yield Problem("rules", f"two rules have the priority {twice}")
    if given and LAST not in priorities:
        yield Problem("rules", f"there is no default rule: give one of the priority {LAST}")
    for rule in given:
        yield from _rule(rule)


def _rule(rule: dict[str, object]) -> Iterator[Problem]:
    action, rate = rule["action"], rule.get("rateLimitOptions")
    if action not in ACTIONS:
        yield Problem("rules", f"{action!r} is no action: use one of {', '.join(ACTIONS)}")
    if (action in RATED) != bool(rate):
        yield Problem("rules", f"rateLimitOptions go with {' and '.join(RATED)}, which need them")
    seconds = (
        rate.get("rateLimitThreshold", {}).get("intervalSec") if isinstance(rate, dict) else None
    )
    if seconds is not None and seconds not in SECONDS:
        yield Problem("rules", f"intervalSec {seconds} must be one of {SECONDS}")
