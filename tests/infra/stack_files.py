"""Stack files that must be refused, shared by the unit tests and the engine tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

GOOD: dict[str, Any] = {
    "tier": "medium",
    "cloud": "aws",
    "region": "us-east-1",
    "budget": "2500",
    "workload": {"agents": 1000, "messages_per_agent": 1000},
    "ingress": {"domain": "letta.example.com", "hosted_zone": "example.com"},
}


@dataclass(frozen=True)
class Bad:
    """A change to the good file and the words that must stand in the report."""

    name: str
    change: dict[str, Any]
    words: tuple[str, ...]


BAD = (
    Bad("no tier", {"tier": None}, ("letta:tier: required", "medium", "small")),
    Bad("unknown tier", {"tier": "medum"}, ("letta:tier: 'medum'", "did you mean medium?")),
    Bad("unknown cloud", {"cloud": "awz"}, ("letta:cloud: 'awz'", "aws")),
    Bad("no region", {"region": None}, ("letta:region: required",)),
    Bad("near-miss region", {"region": "us-east1"}, ("did you mean us-east-1?",)),
    Bad("unknown key", {"databse": {}}, ("letta:databse: unknown key", "did you mean database?")),
    Bad("role not deployed", {"gateway": {"kind": "kong"}}, ("letta:gateway", "ingress")),
    Bad(
        "near-miss field",
        {"api": {"max_replica": 5}},
        ("letta:api.max_replica: unknown key", "did you mean max_replicas?"),
    ),
    Bad("wrong type", {"api": {"max_replicas": "ten"}}, ("letta:api.max_replicas", "integer")),
    Bad("boolean for a number", {"api": {"replicas": True}}, ("letta:api.replicas", "integer")),
    Bad("number for a boolean", {"database": {"high_availability": 1}}, ("boolean",)),
    Bad("negative", {"database": {"storage_gib": -5}}, ("letta:database.storage_gib", "20")),
    Bad("zero", {"workload": {"agents": 0}}, ("letta:workload.agents", "greater than or equal")),
    Bad("huge", {"api": {"max_replicas": 10**30}}, ("letta:api.max_replicas",)),
    Bad("fraction", {"cache": {"nodes": 1.5}}, ("letta:cache.nodes", "integer")),
    Bad("empty value", {"region": ""}, ("letta:region: required",)),
    Bad("null field", {"database": {"storage_gib": None}}, ("letta:database.storage_gib",)),
    Bad("list for a role", {"api": [1, 2]}, ("letta:api: must hold keys and values",)),
    Bad("text for a role", {"api": "large"}, ("letta:api: must hold keys and values",)),
    Bad("budget in words", {"budget": "a lot"}, ("letta:budget: 'a lot' is not an amount",)),
    Bad("negative budget", {"budget": "-1"}, ("letta:budget: -1 must be between",)),
    Bad("budget not a number", {"budget": "nan"}, ("letta:budget: nan must be between",)),
    Bad(
        "replica without backups",
        {"database": {"backup_retention_days": 0}},
        ("read_replicas 1 need backups",),
    ),
    Bad(
        "ceiling below storage",
        {"database": {"max_storage_gib": 100}},
        ("max_storage_gib 100 is below storage_gib 200",),
    ),
    Bad(
        "bounds out of order",
        {"api": {"min_replicas": 8}},
        ("min_replicas 8 <= replicas 3", "does not hold"),
    ),
    Bad(
        "range too small for its subnets",
        {"ingress": {**GOOD["ingress"], "vpc_cidr": "10.0.0.0/26"}},
        ("vpc_cidr 10.0.0.0/26 must be between /16 and /22",),
    ),
    Bad(
        "host bits in a range",
        {"ingress": {**GOOD["ingress"], "vpc_cidr": "10.0.0.1/16"}},
        ("has host bits set",),
    ),
    Bad(
        "no domain",
        {"ingress": {}},
        ("letta:ingress.domain", "required"),
    ),
    Bad(
        "no certificate",
        {"ingress": {"domain": "letta.example.com"}},
        ("needs hosted_zone", "certificate_arn"),
    ),
    Bad(
        "domain outside its zone",
        {"ingress": {"domain": "letta.example.org", "hosted_zone": "example.com"}},
        ("does not lie in hosted_zone",),
    ),
    Bad(
        "unknown instance type",
        {"api": {"instance_type": "m5.lage"}},
        ("letta:api.instance_type", "m5.large"),
    ),
    Bad(
        "type that the region lacks",
        {"region": "ca-west-1", "database": {"instance_type": "db.m5.large"}},
        ("letta:database.instance_type: db.m5.large is not offered in ca-west-1",),
    ),
    Bad(
        "size that no machine has",
        {"api": {"vcpus": 3}},
        ("letta:api", "3"),
    ),
    Bad(
        "more zones than the region has",
        {"ingress": {**GOOD["ingress"], "zones": 6}, "region": "eu-west-1"},
        ("letta:ingress.zones: 6 exceeds the 3 zones of eu-west-1",),
    ),
    Bad(
        "copies behind a proxy",
        {"ingress": {**GOOD["ingress"], "kind": "proxy"}},
        ("letta:api.max_replicas: 10 copies cannot stand behind a proxy",),
    ),
    Bad(
        "impossible Fargate size",
        {"api": {"compute": "fargate", "vcpus": 2, "memory_gib": 2}},
        ("Fargate has no task of 2 vCPU with 2048 MiB",),
    ),
    Bad(
        "key in plain text",
        {"llm": {"providers": {"openai": {"api_key": "sk-in-the-clear"}}}},
        ("stands in the file in plain text", "pulumi config set --secret"),
    ),
    Bad(
        "unknown provider",
        {"llm": {"providers": {"opnai": {}}}},
        ("letta:llm.providers.opnai: unknown provider", "openai"),
    ),
    Bad(
        "provider without its endpoint",
        {"llm": {"providers": {"ollama": {}}}},
        ("ollama needs base_url",),
    ),
    Bad(
        "waiver without a reason",
        {"waivers": [{"rule": "replica-bounds", "resource": "*", "owner": "me"}]},
        ("letta:waivers.0.reason",),
    ),
    Bad("waivers not a list", {"waivers": {"rule": "x"}}, ("letta:waivers: must be a list",)),
)
