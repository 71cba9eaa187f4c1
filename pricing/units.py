"""Units in which something is billed. A month is 730 hours; GB is 10^9 bytes, GiB 2^30."""

from __future__ import annotations

from typing import Final

HOURS_A_MONTH: Final = 730

# fmt: off
UNITS: Final = frozenset([
    # by time
    "hour", "node-hour", "host-hour", "VM-hour", "GPU-hour", "vCPU-hour", "GB-hour", "GiB-hour",
    "ACU-hour", "RCU-hour", "CU-hour", "LCU-hour", "NLCU-hour", "endpoint-AZ-hour", "rule-hour",
    "vCPU-second", "GB-second", "GiB-second", "day", "month",
    # by what is kept or held for a month
    "GB-month", "GiB-month", "IOPS-month", "MBps-month", "disk-month", "vCPU-month",
    "host-month", "user-month", "zone-month", "key-month", "secret-month", "version-month",
    "alarm-month", "dashboard-month", "metric-month", "1k series-month", "rule-month",
    "group-month", "ruleset-month", "policy-month", "1M dimensions-month", "endpoint-month",
    "1M vectors", "certificate",
    # by what passes through
    "GB", "MB", "TiB", "path",
    "1k requests", "10k requests", "1M requests", "10k operations", "10k calls", "1M queries",
    "1M messages", "1M events", "1M traces", "1M RU", "1M WU", "1M vCU", "1M observations",
    "1M input tokens", "1M cached-read tokens", "1M output tokens",
    "1M cache-write tokens (5 min)", "1M cache-write tokens (1 h)",
    # numbers that other prices are multiplied by
    "multiplier", "multiplier of input price", "share",
])
# fmt: on
