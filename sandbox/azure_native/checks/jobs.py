"""Jobs of Container Apps."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

_CRON = re.compile(r"\s+".join([r"[\d*/,-]+"] * 5))
_TRIGGERS = {
    "Manual": "manualTriggerConfig",
    "Schedule": "scheduleTriggerConfig",
    "Event": "eventTriggerConfig",
}


def trigger(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """What starts a job is said in the way of its kind, and a schedule is one."""
    kind = properties.get("configuration.triggerType")
    given = [name for name in _TRIGGERS.values() if properties.get(f"configuration.{name}")]
    if given and given != [_TRIGGERS.get(str(kind), "")]:
        yield Problem("configuration", f"{kind} goes with {_TRIGGERS.get(str(kind))} alone")
    if kind != "Manual" and not given:
        yield Problem("configuration", f"{kind} needs {_TRIGGERS.get(str(kind))}")
    cron = properties.get("configuration.scheduleTriggerConfig.cronExpression")
    if cron and not _CRON.fullmatch(cron):
        yield Problem("configuration", f"{cron!r} is no schedule of five fields")
