"""Logs and alarms."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from components.args.base import EMAIL, Args, unique


class MonitoringArgs(Args):
    """Logs and alarms (requirements O2, O4)."""

    log_retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400] = 30
    """Days that logs are kept."""
    alarm_emails: Annotated[
        tuple[Annotated[str, Field(pattern=EMAIL)], ...], AfterValidator(unique)
    ] = ()
    """Addresses that receive alarms; each has to confirm the subscription once."""
    json_logs: bool = True
    """Structured logs, one JSON object a line."""
    debug_logs: bool = False
    """The server's only level switch: INFO or DEBUG."""
