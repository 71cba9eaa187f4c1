"""A deployment in neutral words: what rules read.

Any field may hold an `Unknown` in place of its value. Where only the presence of something
matters, a flag says so, for a thing that has no name yet is there all the same. Nothing is
`None`: what the program left out stands with the value that the cloud gives it.
"""

from __future__ import annotations

from policies.facts.model.access import Grant, Text
from policies.facts.model.billing import Unpriced
from policies.facts.model.charts import CustomObject, Release
from policies.facts.model.containers import Container, Probe, Server, Task
from policies.facts.model.deployment import Deployment, MachineType
from policies.facts.model.fact import Fact
from policies.facts.model.machines import Machines, Taint
from policies.facts.model.models import EmbeddingServer, ModelServer
from policies.facts.model.network import Firewall, InboundRule, Listener, LoadBalancer
from policies.facts.model.pods import (
    ClusterObject,
    ClusterService,
    ControlPlane,
    DevicePlugin,
    DisruptionBudget,
    NetworkPolicy,
    NodeAutoscaler,
    PlainSecret,
    Pod,
    PodContainer,
    Toleration,
    unborne,
)
from policies.facts.model.servers import Bootstrap, HealthCheck, Scaling, Service, Target
from policies.facts.model.spending import CostRecord, Spending
from policies.facts.model.stores import (
    Bucket,
    Cache,
    Database,
    Dump,
    Lifecycle,
    LogGroup,
    MachineDisks,
    Primary,
    StorageClaim,
    StorageClass,
    StoredSecret,
)

__all__ = [
    "Bootstrap",
    "Bucket",
    "Cache",
    "ClusterObject",
    "ClusterService",
    "Container",
    "ControlPlane",
    "CostRecord",
    "CustomObject",
    "Database",
    "Deployment",
    "DevicePlugin",
    "DisruptionBudget",
    "Dump",
    "EmbeddingServer",
    "Fact",
    "Firewall",
    "Grant",
    "HealthCheck",
    "InboundRule",
    "Lifecycle",
    "Listener",
    "LoadBalancer",
    "LogGroup",
    "MachineDisks",
    "MachineType",
    "Machines",
    "ModelServer",
    "NetworkPolicy",
    "NodeAutoscaler",
    "PlainSecret",
    "Pod",
    "PodContainer",
    "Primary",
    "Probe",
    "Release",
    "Scaling",
    "Server",
    "Service",
    "Spending",
    "StorageClaim",
    "StorageClass",
    "StoredSecret",
    "Taint",
    "Target",
    "Task",
    "Text",
    "Toleration",
    "Unpriced",
    "unborne",
]
