"""Alarms."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sandbox.alicloud.cloud import AlicloudCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

PROJECTS = (
    "acs_ecs_dashboard",
    "acs_rds_dashboard",
    "acs_kvstore",
    "acs_alb",
    "acs_k8s",
    "acs_mns_new",
    "acs_nat_gateway",
    "acs_vpc_eip",
    "acs_oss_dashboard",
    "acs_sls_dashboard",
    "waf",
)
"""Products in CloudMonitor's words (CloudMonitor documentation, "Appendix 1: Metrics"; a part)."""
PERIODS = (15, 60, 300, 900, 1800, 3600)
_MOST_TIMES = 180


def metric_known(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The product is one that CloudMonitor measures."""
    if properties["project"] not in PROJECTS:
        yield Problem(
            "project", f"{properties['project']!r} is no product: use one of {', '.join(PROJECTS)}"
        )


def period(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A period that CloudMonitor counts by; a threshold is a number."""
    if properties["period"] not in PERIODS:
        yield Problem("period", f"{properties['period']} s must be one of {PERIODS}")
    for name in ("escalationsCritical", "escalationsWarn", "escalationsInfo"):
        given = properties[name] or {}
        if not given:
            continue
        try:
            float(given.get("threshold") or "")
        except ValueError:
            yield Problem(name, f"threshold {given.get('threshold')!r} is no number")
        if not 1 <= (given.get("times") or 3) <= _MOST_TIMES:
            yield Problem(name, f"times {given['times']} must be 1 to {_MOST_TIMES}")


def dimensions(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """What is measured is a list of objects."""
    text = properties["metricDimensions"]
    if text is None:
        return
    try:
        found = json.loads(text)
    except ValueError as error:
        yield Problem("metricDimensions", f"it is no JSON: {error}")
        return
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        yield Problem("metricDimensions", 'it is a list of objects: [{"instanceId": "…"}]')
