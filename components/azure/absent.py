"""What a stack file may say on other clouds and Azure has no use for."""

from __future__ import annotations

from collections.abc import Mapping

_NO_MACHINE = "Container Apps has no machines of yours; leave it out, and give vcpus and memory_gib"
_NO_PAUSE = "Container Apps chooses the pauses of its autoscaler itself; leave it out"
_NO_SHARE = "a copy on Container Apps has what vcpus and memory_gib say; leave it out"
_NO_TIMETABLE = "servers follow their load alone here and have no timetable beside it; leave it out"

_OF_TIERS: Mapping[str, str] = {
    "instance_type": _NO_MACHINE,
    "night": _NO_TIMETABLE,
    "root_volume_gib": _NO_MACHINE,
    "scale_in_cooldown_seconds": _NO_PAUSE,
    "scale_out_cooldown_seconds": _NO_PAUSE,
    "task_memory_mib": _NO_SHARE,
    "task_vcpus": _NO_SHARE,
}

ON_CONTAINER_APPS: Mapping[str, str] = {
    **{f"{role}.{field}": why for role in ("api", "worker") for field, why in _OF_TIERS.items()},
    "savings.arm64": "Container Apps and Flexible Server run x86_64 alone; leave it out",
    "savings.spot_workers": "Container Apps has no spare capacity; leave it out",
}
"""`role.field` -> why, and what to do instead, where servers run on Container Apps."""

ABSENT: Mapping[str, str] = {
    "cache.snapshot_retention_days": "Managed Redis keeps no snapshots by the day, and a cache "
    "needs none; leave it out",
    "database.monitoring_interval_seconds": "Flexible Server sends the operating system's metrics "
    "every minute by itself; leave it out",
    "database.performance_insights": "what queries take is in Azure's Query Store, a parameter of "
    "the server and no service beside it; leave it out",
    "ingress.logs_endpoint": "logs leave by Azure's own network and are not billed by the way; "
    "leave it out",
    "ingress.zones": "subnets, servers and the load balancer span the zones of their region; leave "
    "it out",
    "savings.arm64": "the switch means the database too, and Flexible Server has no arm64 classes; "
    "give letta:api.architecture and letta:worker.architecture",
    "savings.logs_endpoint": "logs leave by Azure's own network and are not billed by the way; "
    "leave it out",
    "savings.night": _NO_TIMETABLE,
    "savings.reserved_years": "no price of a reservation on Azure is known here; buy it in the "
    "portal, where it changes nothing that is deployed, and leave it out",
    "savings.single_nat": "one gateway serves all zones already; leave it out",
}
"""`role.field` -> why, and what to do instead."""
