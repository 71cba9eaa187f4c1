"""What a role is asked to be: plain, frozen, checked values in neutral units.

These models are at once the arguments of the components, the rows of the tier table
(`infra/tiers.py`) and the schema of a stack file's overrides (`infra/settings.py`).
They hold sizes and choices only. Wiring between roles (networks, secrets, addresses)
travels as component objects, so that everything a policy reads is known at preview.
"""

from __future__ import annotations

from components.args.base import Args
from components.args.ingress import ControlPlaneArgs, IngressArgs, WafArgs
from components.args.models import EmbeddingArgs, LlmArgs, OllamaArgs, ProviderArgs, VllmArgs
from components.args.monitoring import MonitoringArgs
from components.args.savings import NightArgs, SavingsArgs
from components.args.servers import (
    IMAGE,
    ApiArgs,
    MachineArgs,
    NodesArgs,
    ScalingArgs,
    TierArgs,
    WorkerArgs,
)
from components.args.stores import (
    EXPIRED_VERSION_DAYS,
    BucketArgs,
    CacheArgs,
    DatabaseArgs,
    DumpArgs,
    QueueArgs,
    VectorsArgs,
)

__all__ = [
    "EXPIRED_VERSION_DAYS",
    "IMAGE",
    "ApiArgs",
    "Args",
    "BucketArgs",
    "CacheArgs",
    "ControlPlaneArgs",
    "DatabaseArgs",
    "DumpArgs",
    "EmbeddingArgs",
    "IngressArgs",
    "LlmArgs",
    "MachineArgs",
    "MonitoringArgs",
    "NightArgs",
    "NodesArgs",
    "OllamaArgs",
    "ProviderArgs",
    "QueueArgs",
    "SavingsArgs",
    "ScalingArgs",
    "TierArgs",
    "VectorsArgs",
    "VllmArgs",
    "WafArgs",
    "WorkerArgs",
]
