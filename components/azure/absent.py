"""What a stack file may say on other clouds and Azure has no use for."""

from __future__ import annotations

from collections.abc import Mapping

_NO_TIMETABLE = "Container Apps scales by load alone and has no timetable beside it; leave it out"

ABSENT: Mapping[str, str] = {
    **{f"{role}.night": _NO_TIMETABLE for role in ("api", "worker")},
    "cache.snapshot_retention_days": "Managed Redis keeps no snapshots by the day, and a cache "
    "needs none; leave it out",
    "database.monitoring_interval_seconds": "Flexible Server sends the operating system's metrics "
    "every minute by itself; leave it out",
    "database.performance_insights": "what queries take is in Azure's Query Store, a parameter of "
    "the server and no service beside it; leave it out",
    "ingress.logs_endpoint": "logs leave by Azure's own network and are not billed by the way; "
    "leave it out",
    "savings.logs_endpoint": "logs leave by Azure's own network and are not billed by the way; "
    "leave it out",
    "savings.night": _NO_TIMETABLE,
    "savings.reserved_years": "no price of a reservation on Azure is known here; buy it in the "
    "portal, where it changes nothing that is deployed, and leave it out",
    "savings.single_nat": "one gateway serves all zones already; leave it out",
}
"""`role.field` -> why, and what to do instead."""

OF_APPS: Mapping[str, str] = {
    "instance_type": "Container Apps has no machines of yours; leave it out, and give vcpus and "
    "memory_gib",
    "nodes": "Container Apps has no machines of yours; leave it out",
    "root_volume_gib": "Container Apps has no machines of yours; leave it out",
    "scale_in_cooldown_seconds": "Container Apps chooses the pauses of its autoscaler itself; "
    "leave it out",
    "scale_out_cooldown_seconds": "Container Apps chooses the pauses of its autoscaler itself; "
    "leave it out",
    "task_memory_mib": "a copy on Container Apps has what memory_gib says; leave it out",
    "task_vcpus": "a copy on Container Apps has what vcpus says; leave it out",
}
"""Field of a tier -> why it has no meaning without a cluster."""
