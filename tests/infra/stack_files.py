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

CONTROL_PLANE = {"allowed_cidrs": ["203.0.113.0/24"]}
LARGE: dict[str, Any] = {
    "tier": "large",
    "workload": {"agents": 10_000, "messages_per_agent": 2000},
    "ingress": {**GOOD["ingress"], "control_plane": CONTROL_PLANE},
}
"""What makes the good file a large one."""
GATED = {"hugging_face_token_secret": "arn:aws:secretsmanager:us-east-1:123456789012:secret:hf"}


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
    Bad(
        "text for a role",
        {"api": "large"},
        ("letta:api: must hold keys and values", "one of the words instances, fargate, kubernetes"),
    ),
    Bad("one word for a role without", {"database": "big"}, ("letta:database: must hold keys",)),
    Bad(
        "a cluster that nobody may steer",
        {**LARGE, "ingress": GOOD["ingress"]},
        ("letta:ingress.control_plane: required with kubernetes", "[203.0.113.0/24]"),
    ),
    Bad(
        "who steers a cluster that is not there",
        {"ingress": LARGE["ingress"]},
        ("letta:ingress.control_plane: there is no cluster",),
    ),
    Bad(
        "half on a cluster",
        {**LARGE, "worker": "instances"},
        ("letta:worker.compute: instances beside kubernetes of letta:api.compute",),
    ),
    Bad(
        "nodes without a cluster",
        {"api": {"nodes": {"initial": 3, "minimum": 2, "maximum": 10}}},
        ("letta:api.nodes: instances has no nodes of its own",),
    ),
    Bad(
        "one node for all of a cluster",
        {**LARGE, "api": {"nodes": {"initial": 1, "minimum": 0, "maximum": 1}}},
        ("letta:api.nodes.minimum: 0 is below 2", "letta:api.nodes.maximum: 1 is below 2"),
    ),
    Bad(
        "range too small for a cluster",
        {**LARGE, "ingress": {**LARGE["ingress"], "vpc_cidr": "10.0.0.0/22"}},
        (
            "letta:ingress.vpc_cidr: 10.0.0.0/22 has addresses for 1 of a cluster's machines",
            "10.0.0.0/20",
        ),
    ),
    Bad(
        "control plane for a private range",
        {
            **LARGE,
            "ingress": {**GOOD["ingress"], "control_plane": {"allowed_cidrs": ["10.1.0.0/16"]}},
        },
        ("letta:ingress.control_plane.allowed_cidrs", "10.1.0.0/16 is a private range"),
    ),
    Bad(
        "server that is not chosen",
        {**LARGE, "llm": {"vllm": {"min_replicas": 0}}},
        ("letta:llm.vllm: given, but hosting is api; set letta:llm.hosting to vllm",),
    ),
    Bad(
        "nodes out of order",
        {**LARGE, "api": {"nodes": {"initial": 3, "minimum": 4, "maximum": 10}}},
        ("minimum 4 <= initial 3 <= maximum 10 does not hold",),
    ),
    Bad(
        "requests above limits",
        {**LARGE, "api": {"request_memory_mib": 8192}},
        ("requests of 0.5 vCPU and 8192 MiB exceed the limits",),
    ),
    Bad(
        "models of one's own without a cluster",
        {"llm": "ollama", "embedding": "cpu"},
        (
            "letta:llm.hosting: ollama needs a Kubernetes cluster",
            "letta:embedding.hosting: cpu needs a Kubernetes cluster",
        ),
    ),
    Bad(
        "gated model without a token",
        {**LARGE, "llm": {"hosting": "vllm", "vllm": {"model": "llama-3.3-70b"}}},
        ("letta:llm.vllm", "accepted its licence", "hugging_face_token"),
    ),
    Bad(
        "unknown model",
        {**LARGE, "llm": {"hosting": "vllm", "vllm": {"model": "lama-3.3-70b"}}},
        ("letta:llm.vllm", "llama-3.3-70b"),
    ),
    Bad(
        "model too large for its machine",
        {
            **LARGE,
            "llm": {"hosting": "vllm", "vllm": {"instance_type": "g6.xlarge"}},
        },
        ("letta:llm.vllm", "g6.xlarge", "GiB"),
    ),
    Bad(
        "machine without a GPU",
        {**LARGE, "llm": {"hosting": "ollama", "ollama": {"instance_type": "m5.large"}}},
        ("letta:llm.ollama: m5.large has no GPU",),
    ),
    Bad(
        "unknown embedding model",
        {**LARGE, "embedding": {"hosting": "cpu", "model": "bge-larg"}},
        ("letta:embedding", "bge-large-en-v1.5"),
    ),
    Bad(
        "handle for an embedding server of one's own",
        {**LARGE, "embedding": {"model": "openai/text-embedding-3-small"}},
        ("letta:embedding", "bge-large-en-v1.5"),
    ),
    Bad(
        "model served here and elsewhere",
        {
            **LARGE,
            "llm": {"hosting": "ollama", "providers": {"ollama": {"base_url": "http://o:1"}}},
        },
        ("letta:llm.providers.ollama: the stack serves it itself",),
    ),
    Bad(
        "a firewall before a proxy",
        {"ingress": {**GOOD["ingress"], "kind": "proxy", "waf": {}}},
        ("waf stands before a load balancer",),
    ),
    Bad(
        "token in plain text",
        {**LARGE, "llm": {"hosting": "vllm", "vllm": {"hugging_face_token": "hf_in_the_clear"}}},
        ("letta:llm.vllm.hugging_face_token: stands in the file in plain text",),
    ),
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
        ("needs hosted_zone", "certificate"),
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
        ("letta:ingress.zones: 6 exceeds the 3 zones of eu-west-1; set it to 3",),
    ),
    Bad(
        "copies behind a proxy",
        {"ingress": {**GOOD["ingress"], "kind": "proxy"}},
        ("letta:api.max_replicas: 10 copies cannot stand behind a proxy",),
    ),
    Bad(
        "impossible Fargate size",
        {"api": {"compute": "fargate", "vcpus": 2, "memory_gib": 2}},
        ("fargate has no copy of 2 vCPU with 2048 MiB",),
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
