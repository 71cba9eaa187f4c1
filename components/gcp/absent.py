"""What a stack file may say on other clouds and Google Cloud has no use for."""

from __future__ import annotations

from collections.abc import Mapping

_NO_TIMETABLE = (
    "Cloud Run has no timetable; it takes copies away itself when nobody calls: leave it out"
)
_NO_MEMORY = "Cloud Run scales by CPU and by requests at once, not by memory; leave it out"
_NO_PAUSE = "Cloud Run chooses the pauses of its autoscaler itself; leave it out"
_NO_MACHINE = "Cloud Run has no machines of yours; leave it out, and give vcpus and memory_gib"

_OF_TIERS: Mapping[str, str] = {
    "instance_type": _NO_MACHINE,
    "memory_target_percent": _NO_MEMORY,
    "night": _NO_TIMETABLE,
    "root_volume_gib": _NO_MACHINE,
    "scale_in_cooldown_seconds": _NO_PAUSE,
    "scale_out_cooldown_seconds": _NO_PAUSE,
    "task_memory_mib": _NO_MACHINE,
    "task_vcpus": _NO_MACHINE,
}

ON_CLOUD_RUN: Mapping[str, str] = {
    **{f"{role}.{field}": why for role in ("api", "worker") for field, why in _OF_TIERS.items()},
    "savings.spot_workers": "Cloud Run has no spare capacity; leave it out, or set letta:api and "
    "letta:worker to kubernetes",
}
"""`role.field` -> why, and what to do instead, where servers run on Cloud Run."""

ABSENT: Mapping[str, str] = {
    "cache.snapshot_retention_days": "Memorystore keeps no snapshots by the day, and a cache needs "
    "none; leave it out",
    "database.monitoring_interval_seconds": "Cloud SQL sends the operating system's metrics by "
    "itself; leave it out",
    "ingress.deletion_protection": "Google's load balancers have no protection, and nothing is "
    "lost with one; leave it out",
    "ingress.logs_endpoint": "logs leave by Private Google Access, which is free; leave it out",
    "ingress.zones": "subnets, services and gateways span the zones of their region; leave it out",
    "savings.arm64": "Cloud Run and Cloud SQL Enterprise run x86_64 alone; leave it out",
    "savings.logs_endpoint": "logs leave by Private Google Access, which is free; leave it out",
    "savings.night": "neither Cloud Run nor the autoscaler of pods has a timetable; leave it out",
    "savings.reserved_years": "commitments on Google Cloud are for an amount a month, not for "
    "machines, and no price of them is known here; leave it out",
    "savings.single_nat": "a gateway of Cloud NAT serves a whole region already; leave it out",
}
"""The same wherever they run."""
