"""Stacks to hold two ways of counting against each other: each tier as it is, and changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Overrides = Mapping[str, Any]

_SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret"
_KEY = {"api_key": "test-0123456789abcdef"}
_BALANCED: Overrides = {"kind": "load_balancer", "nat": "single"}
_CLUSTER: Overrides = {"control_plane": {"allowed_cidrs": []}}
_NIGHT = {"begins": "22:00", "ends": "06:00", "timezone": "Europe/Berlin"}
_SPREAD: Overrides = {
    "model": "llama-3.3-70b-awq",
    "instance_type": "g6.xlarge",
    "context_tokens": 2048,
    "concurrency": 1,
}
"""A model that lies on several machines."""


def _vllm(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  (fields of the arguments)
    return {"hosting": "vllm", "vllm": changes}


_SMALL: Mapping[str, Overrides] = {
    "as it is": {},
    "three zones, more storage, logs kept longer": {
        "ingress": {"zones": 3},
        "database": {"storage_gib": 80, "max_storage_gib": 300},
        "monitoring": {"log_retention_days": 90},
    },
    "a standby and a replica, nothing measured in depth": {
        "database": {
            "high_availability": True,
            "read_replicas": 1,
            "performance_insights": False,
            "monitoring_interval_seconds": 0,
        },
    },
    "a managed cache of two nodes, a queue in order": {
        "cache": {"kind": "managed", "memory_gib": 3, "nodes": 2},
        "queue": {"enabled": True, "fifo": True},
    },
    "many providers, one with a key elsewhere": {
        "llm": {
            "model": "anthropic/claude-haiku-4-5",
            "providers": {
                "openai": _KEY,
                "anthropic": {"api_key_secret": f"{_SECRET}:claude"},
                "bedrock": {"access_key_id": "AKIA0123", "secret_access_key": "0123456789"},
                "azure": {**_KEY, "base_url": "https://letta.example.com"},
            },
        },
    },
    "an endpoint without a meter": {
        "llm": {
            "model": "ollama/llama3.1",
            "providers": {"ollama": {"base_url": "http://models.example.com:11434"}},
        },
        "embedding": {"model": "ollama/nomic-embed-text"},
    },
    "NAT beside the proxy, no budget, no backups": {
        "ingress": {"nat": "single"},
        "budget": None,
        "database": {"backup_retention_days": 0},
    },
    "other machines, a larger disk": {
        "api": {"instance_type": "m5.large", "root_volume_gib": 60},
        "database": {"instance_type": "db.m5.large"},
    },
    "behind a load balancer": {
        "ingress": _BALANCED,
        "cache": {"kind": "managed", "memory_gib": 0.5},
    },
    "arm64": {"savings": {"arm64": True}},
}

_MEDIUM: Mapping[str, Overrides] = {
    "as it is": {},
    "an API without machines, workers on spot machines": {
        "api": {"compute": "fargate"},
        "worker": {"capacity": "spot"},
    },
    "both tiers without machines, workers on spot": {
        "api": {"compute": "fargate", "replicas": 4},
        "worker": {"compute": "fargate", "capacity": "spot"},
        "ingress": {"nat": "single"},
    },
    "workers without machines": {
        "worker": {"compute": "fargate", "min_replicas": 1, "replicas": 2, "max_replicas": 4},
    },
    "copies that do not move": {
        "api": {"compute": "fargate", "replicas": 3, "min_replicas": 3, "max_replicas": 3},
        "worker": {"replicas": 2, "min_replicas": 2, "max_replicas": 2},
    },
    "no worker, no queue": {
        "worker": {"enabled": False},
        "queue": {"enabled": False},
        "ingress": {"nat": "single"},
    },
    "a firewall, three zones, three of each store": {
        "ingress": {"waf": {}, "zones": 3},
        "cache": {"nodes": 3},
        "database": {"read_replicas": 3},
        "worker": {"capacity": "spot"},
    },
    "four zones, one gateway, a queue in order": {
        "ingress": {"zones": 4, "nat": "single"},
        "queue": {"fifo": True, "max_receives": 3},
        "cache": {"nodes": 2, "snapshot_retention_days": 7},
    },
    "alarms by e-mail, no budget, logs for a year": {
        "monitoring": {
            "alarm_emails": ["ops@example.com", "dev@example.com"],
            "log_retention_days": 365,
        },
        "budget": None,
    },
    "a plain database": {
        "database": {
            "high_availability": False,
            "read_replicas": 0,
            "storage_gib": 500,
            "max_storage_gib": 500,
            "backup_retention_days": 35,
            "engine_version": "17",
        },
    },
    "a higher floor and a higher ceiling": {
        "api": {"min_replicas": 3, "replicas": 5, "max_replicas": 20, "root_volume_gib": 100},
        "worker": {"min_replicas": 1, "replicas": 2, "max_replicas": 5},
    },
    "burstable machines": {
        "api": {"instance_type": "t3.large"},
        "worker": {"instance_type": "t3.xlarge"},
        "database": {"instance_type": "db.t3.large"},
        "cache": {"instance_type": "cache.m6g.large"},
    },
    "one zone, a certificate of one's own": {
        "ingress": {
            "zones": 1,
            "hosted_zone": None,
            "certificate": "arn:aws:acm:us-east-1:123456789012:certificate/0123",
        },
    },
    "files that stay at hand longer": {
        "storage": {"infrequent_access_days": 60, "archive_days": 365},
        "embedding": {"model": "openai/text-embedding-3-large"},
        "llm": {"model": "openai/gpt-4.1", "providers": {"openai": _KEY}},
    },
    "more work": {
        "workload": {"agents": 4000, "messages_per_agent": 500, "queue_messages": 100_000},
        "database": {"storage_gib": 400},
    },
    "logs past NAT, one gateway": {"savings": {"logs_endpoint": True, "single_nat": True}},
    "quiet nights": {
        "savings": {"night": _NIGHT},
        "api": {"compute": "fargate"},
        "worker": {"max_replicas": 4},
    },
    "arm64, reserved, spot workers": {
        "savings": {"arm64": True, "reserved_years": 3, "spot_workers": True},
    },
    "arm64 without machines": {
        "savings": {"arm64": True, "reserved_years": 1},
        "api": {"compute": "fargate"},
        "worker": {"compute": "fargate"},
    },
    "on Kubernetes": {
        "api": {"compute": "kubernetes"},
        "worker": {"compute": "kubernetes", "capacity": "spot"},
        "ingress": _CLUSTER,
    },
}

_LARGE: Mapping[str, Overrides] = {
    "as it is": {},
    "no worker, no firewall": {"worker": {"enabled": False}, "ingress": {"waf": None}},
    "three copies of embeddings on CPUs": {"embedding": {"hosting": "cpu", "replicas": 3}},
    "embeddings of a provider, a model on one machine": {
        "embedding": "api",
        "llm": _vllm(model="qwen-2.5-7b", instance_type="g6.xlarge", context_tokens=16_384),
    },
    "a model on several machines that keep volumes, from nothing": {
        "llm": _vllm(**_SPREAD, model_cache="volume", min_replicas=0, max_replicas=3),
        "embedding": "api",
    },
    "a model on several machines, on their own disks": {
        "llm": _vllm(**_SPREAD, min_replicas=1, max_replicas=2)
    },
    "a model on volumes that go with their pods": {
        "llm": _vllm(
            model="qwen-2.5-72b", instance_type="g6e.xlarge", context_tokens=2048, concurrency=1
        ),
        "embedding": "api",
    },
    "two copies of a model that keep volumes": {
        "llm": _vllm(
            model="qwen-2.5-7b",
            instance_type="g6.xlarge",
            context_tokens=16_384,
            model_cache="volume",
            min_replicas=2,
            max_replicas=2,
        ),
        "embedding": "cpu",
    },
    "a gated model, its token encrypted": {
        "llm": _vllm(
            model="llama-3.1-8b",
            instance_type="g6e.xlarge",
            hugging_face_token="hf_0123456789",
        ),
        "embedding": "api",
    },
    "a model of one's own beside a provider's": {
        "llm": {
            **_vllm(model="qwen-2.5-7b", instance_type="g6.xlarge", context_tokens=16_384),
            "model": "openai/gpt-4.1-mini",
            "providers": {"openai": {"api_key_secret": f"{_SECRET}:openai"}},
        },
        "embedding": "api",
    },
    "Ollama": {
        "llm": {"hosting": "ollama", "ollama": {"volume_gib": 200}},
        "embedding": "api",
        "worker": {"capacity": "spot"},
    },
    "other nodes": {
        "api": {"nodes": {"initial": 4, "minimum": 3, "maximum": 12}, "root_volume_gib": 150},
        "worker": {"nodes": {"initial": 2, "minimum": 1, "maximum": 4}},
        "cache": {"nodes": 3},
    },
    "an old Kubernetes in two zones": {
        "ingress": {
            "zones": 2,
            "nat": "single",
            "control_plane": {"version": "1.33", "allowed_cidrs": []},
        },
        "monitoring": {"log_retention_days": 7},
    },
    "arm64 servers": {"savings": {"arm64": True, "single_nat": True}},
    "without a cluster": {
        "api": {"compute": "fargate", "vcpus": 4, "memory_gib": 16},
        "worker": {"compute": "instances"},
        "embedding": "api",
        "ingress": {"control_plane": None},
    },
}

STACKS: Mapping[str, tuple[str, Overrides]] = {
    f"{tier}, {name}": (tier, overrides)
    for tier, variants in (("small", _SMALL), ("medium", _MEDIUM), ("large", _LARGE))
    for name, overrides in variants.items()
}
"""Name -> tier, and what the tier's stack file is made to say besides; None takes a key away."""
