"""Bad configurations: each breaks one rule, and no other.

The first change of a mutant is the one that its rule reads: fed as an unknown instead, it must
make the same rule refuse. The changes after it keep other rules content.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tests.policies.changes import (
    Change,
    Containers,
    Gone,
    Known,
    Put,
    Where,
    variable,
)

API = Where("Service", "-api")
API_TASK = Where("TaskDefinition", "-api")
API_MACHINE = Where("LaunchTemplate", "-api")
API_GROUP = Where("Group", "-medium-api")
API_SCALING = Where("Target", "-api")
WORK_TASK = Where("TaskDefinition", "-work")
BOOT_TASK = Where("TaskDefinition", "-boot")
PRIMARY = Where("Instance", "-db-primary")
REPLICA = Where("Instance", "-db-replica-1")
CACHE = Where("ReplicationGroup")


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A bad configuration."""

    rule: str
    changes: tuple[Change, ...]
    message: str
    """What the rule says, in full."""
    tier: str = "medium"
    """Name of the stack (`judging.STACKS`)."""
    label: str = ""

    @property
    def id(self) -> str:
        """Name of the test."""
        return f"{self.rule}-{self.label}" if self.label else self.rule

    def unknown(self) -> Mutant:
        """The same with the property not known yet, and everything else as it should be."""
        first = self.changes[0]
        assert isinstance(first, Known)
        return replace(self, changes=(first.unknown(),), message="")


def mutant(
    rule: str, message: str, *changes: Change, label: str = "", tier: str = "medium"
) -> Mutant:
    """A bad configuration in one line: rule, what it says, what is changed."""
    return Mutant(rule=rule, changes=changes, message=message, label=label, tier=tier)


def server(change: Callable[[dict[str, Any]], object], where: Where = API_TASK) -> Containers:
    """A change to the container that runs Letta."""
    return Containers(where, change, "server")


SIZING = (
    mutant(
        "api-machine-size",
        "letta-medium-api: machine type c5.large has 2 vCPU and 4 GiB, least is 2 vCPU and 8 GiB; "
        "raise letta:api.instance_type, or letta:api.vcpus and letta:api.memory_gib",
        Put(API_MACHINE, "instanceType", "c5.large"),
        Put(API_GROUP, "maxSize", 20),
    ),
    mutant(
        "api-replica-count",
        "letta-medium-api: starts with 6 copies, medium starts with 2 to 5; set letta:api.replicas",
        Put(API, "desiredCount", 6),
    ),
    mutant(
        "worker-size",
        "letta-medium-work: machine type t3.small has 2 vCPU and 2 GiB, least is 2 vCPU and 4 GiB; "
        "raise letta:worker.instance_type, or letta:worker.vcpus and letta:worker.memory_gib",
        Put(Where("LaunchTemplate", "-work"), "instanceType", "t3.small"),
        Put(Where("Group", "-medium-work"), "maxSize", 4),
    ),
    mutant(
        "worker-count",
        "letta-medium-work: has 1 to 3 copies, medium has 1 to 2; "
        "set letta:worker.min_replicas and letta:worker.max_replicas",
        Put(Where("Target", "-work"), "maxCapacity", 3),
        Put(Where("Group", "-medium-work"), "maxSize", 3),
    ),
    mutant(
        "rolling-deploy-fits-capacity",
        "letta-medium-api: a rolling deploy at the ceiling runs 20 copies, its machines hold 18; "
        "lower letta:api.max_replicas or letta:api.task_memory_mib, "
        "or raise letta:api.instance_type",
        Put(API_GROUP, "maxSize", 9),
    ),
    mutant(
        "rolling-deploy-fits-capacity",
        "letta-medium-api: a copy of 1 vCPU and 7680 MiB does not fit a m5.large of 2 vCPU and "
        "8 GiB; lower letta:api.task_memory_mib or task_vcpus, or raise letta:api.instance_type",
        Put(API_TASK, "memory", "7680"),
        label="one copy",
    ),
    mutant(
        "database-class",
        "letta-medium-db-replica-1: class db.t3.medium has 4 GiB, medium needs 16; "
        "raise letta:database.instance_type or letta:database.memory_gib",
        Put(REPLICA, "instanceClass", "db.t3.medium"),
    ),
    mutant(
        "database-storage",
        "letta-medium-db-primary: has 100 GiB of storage, medium with this workload needs 200; "
        "raise letta:database.storage_gib",
        Put(PRIMARY, "allocatedStorage", 100),
    ),
    mutant(
        "database-storage",
        "letta-medium-db-primary: its storage is gp2, must be gp3; "
        "leave the type of storage to the database component",
        Put(PRIMARY, "storageType", "gp2"),
        label="type",
    ),
    mutant(
        "database-storage",
        "letta-medium-db-primary: its storage cannot grow: ceiling 200 GiB, storage 200 GiB; "
        "raise letta:database.max_storage_gib",
        Put(PRIMARY, "maxAllocatedStorage", 200),
        label="ceiling",
    ),
    mutant(
        "database-parameters",
        "letta-medium-db-primary: shared_buffers is 1 instead of 524288, as 16 GiB of memory "
        "demand; leave the parameters to the database component",
        Put(Where("ParameterGroup", "-postgres16"), "parameters.0.value", "1"),
    ),
    mutant(
        "connection-budget",
        "letta-medium-db-primary: 1803 connections during a rolling deploy at the ceiling "
        "(api 20 x 1 x (50 + 30) = 1600, worker 4 x 1 x (20 + 30) = 200, jobs 3), limit is 1632 "
        "of the 1647 that db.r5.large accepts; lower letta:database.pool_size, "
        "letta:database.max_overflow or letta:api.max_replicas, or raise "
        "letta:database.instance_type",
        server(variable("LETTA_PG_POOL_SIZE", "50")),
    ),
    mutant(
        "cache-size",
        "letta-medium-cache: has 1.4 GiB for data, medium needs 3; "
        "raise letta:cache.instance_type or letta:cache.memory_gib",
        Put(CACHE, "nodeType", "cache.t4g.small"),
    ),
)

AUTOSCALING = (
    mutant(
        "replica-bounds",
        "letta-medium-api: grows to 12 copies, most is 10; "
        "set letta:api.max_replicas to 10 or less",
        Put(API_SCALING, "maxCapacity", 12),
        Put(API_GROUP, "maxSize", 12),
        server(variable("LETTA_PG_MAX_OVERFLOW", "20")),
    ),
    mutant(
        "replica-bounds",
        "letta-medium-api: has no autoscaler, medium scales its api tier; "
        "set letta:api.max_replicas above min_replicas",
        Gone(API_SCALING),
        label="none",
    ),
    mutant(
        "cpu-target",
        "letta-medium-api-cpu: holds cpu use at 90 %, most is 65 %; "
        "set letta:api.cpu_target_percent to 65 or less",
        Put(
            Where("Policy", "-api-cpu"), "targetTrackingScalingPolicyConfiguration.targetValue", 90
        ),
    ),
    mutant(
        "cpu-target",
        "letta-medium-work: does not scale on cpu; "
        "set letta:worker.cpu_target_percent to 65 or less",
        Gone(Where("Policy", "-work-cpu")),
        label="none",
    ),
    mutant(
        "memory-target",
        "letta-medium-api-memory: holds memory use at 85 %, most is 70 %; "
        "set letta:api.memory_target_percent to 70 or less",
        Put(
            Where("Policy", "-api-memory"),
            "targetTrackingScalingPolicyConfiguration.targetValue",
            85,
        ),
    ),
    mutant(
        "scaling-cooldowns",
        "letta-medium-api-cpu: pauses 600 s after adding copies, most is 120 s; "
        "set letta:api.scale_out_cooldown_seconds to 120 or less",
        Put(
            Where("Policy", "-api-cpu"),
            "targetTrackingScalingPolicyConfiguration.scaleOutCooldown",
            600,
        ),
    ),
    mutant(
        "scaling-cooldowns",
        "letta-medium-api-memory: pauses 60 s after removing copies, least is 300 s; "
        "set letta:api.scale_in_cooldown_seconds to 300 or more",
        Put(
            Where("Policy", "-api-memory"),
            "targetTrackingScalingPolicyConfiguration.scaleInCooldown",
            60,
        ),
        label="in",
    ),
)

AVAILABILITY = (
    mutant(
        "api-high-availability",
        "letta-medium-api: may run 1 copies, least is 2; "
        "set letta:api.min_replicas to 2 or more, or waive the rule",
        Put(API_SCALING, "minCapacity", 1),
    ),
    mutant(
        "spans-zones",
        "letta-medium-api: its copies have 1 zones (us-east-1a), least is 2; "
        "set letta:ingress.zones to 2 or more",
        Put(Where("Subnet", "-private-2"), "availabilityZone", "us-east-1a"),
    ),
    mutant(
        "database-high-availability",
        "letta-medium-db-primary: has no standby in a second zone, medium has one; "
        "set letta:database.high_availability to true",
        Put(PRIMARY, "multiAz", False),
    ),
    mutant(
        "database-replicas",
        "letta-medium-db-primary: has 0 read replicas, medium has 1 to 2; "
        "set letta:database.read_replicas",
        Gone(REPLICA),
    ),
    mutant(
        "database-backups",
        "letta-medium-db-primary: keeps backups for 3 days, least is 7; "
        "set letta:database.backup_retention_days to 7 or more",
        Put(PRIMARY, "backupRetentionPeriod", 3),
    ),
    mutant(
        "final-snapshot",
        "letta-medium-db-primary: takes no snapshot before it is deleted, must take one under a "
        "name; leave the final snapshot to the database component",
        Put(PRIMARY, "skipFinalSnapshot", True),
    ),
    mutant(
        "deletion-protection",
        "letta-medium-db-primary: can be deleted by one call, must be protected; "
        "set letta:database.deletion_protection to true",
        Put(PRIMARY, "deletionProtection", False),
    ),
    mutant(
        "deletion-protection",
        "letta-medium-in: can be deleted by one call, must be protected; "
        "set letta:ingress.deletion_protection to true",
        Put(Where("LoadBalancer"), "enableDeletionProtection", False),
        label="load balancer",
    ),
)
