"""Deployments on the first cloud held to the rules, as most tests do it."""

from __future__ import annotations

from tests.policies.case import KEY, TODAY
from tests.policies.clouds.aws import ACCEPTED, CASE, STACKS

__all__ = ["ACCEPTED", "KEY", "STACKS", "TODAY", "facts", "good", "judged", "spending"]

good, facts, judged, spending = CASE.good, CASE.facts, CASE.judged, CASE.spending
