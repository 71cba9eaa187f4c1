"""What a stack file may say on other clouds and Alibaba Cloud has no use for."""

from __future__ import annotations

from collections.abc import Mapping

ABSENT: Mapping[str, str] = {
    "cache.snapshot_retention_days": "the cache keeps nothing; leave it out",
    "database.architecture": "classes of RDS do not say what runs them; leave it out",
    "database.monitoring_interval_seconds": "CloudMonitor reads RDS once a minute; leave it out",
    "database.publicly_accessible": "the database has an address inside the network alone; leave "
    "it out",
    "ingress.logs_endpoint": "logs leave by the region's own network, which is free; leave it out",
    "ingress.waf": "the firewall is WAF 3.0, which is bought once for the whole account and whose "
    "rules are the account's; leave it out, and bring the load balancer under it in the console",
    "savings.arm64": "it is for machines and database at once, and classes of RDS do not say what "
    "runs them; leave it out, and set letta:api.architecture and letta:worker.architecture to "
    "arm64",
    "savings.logs_endpoint": "logs leave by the region's own network, which is free; leave it out",
    "savings.reserved_years": "savings plans are for an amount an hour, not for machines, and no "
    "price of them is known here; leave it out",
    "savings.single_nat": "one gateway serves the whole network already; leave it out",
}
"""`role.field` -> why, and what to do instead."""
