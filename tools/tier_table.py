"""The README's tier table, made from the code: `python tools/tier_table.py` rewrites it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from components.args import IngressArgs, TierArgs
from infra import platforms
from infra.tiers import TIERS, Tier

_CATALOG = platforms.catalog(platforms.DEFAULT)
"""The tables of the pages are of the first cloud."""

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- tiers: made by tools/tier_table.py -->", "<!-- end of tiers -->"


def _scaled(args: TierArgs, name: str) -> str:
    if args.max_replicas == 1:
        return f"1 × {name}"
    return (
        f"{args.replicas} × {name}, {args.min_replicas} to {args.max_replicas} copies at "
        f"{args.cpu_target_percent} % CPU or {args.memory_target_percent} % memory"
    )


def _api(tier: Tier) -> str:
    args = tier.api
    return _scaled(args, _CATALOG.machine(args.vcpus, args.memory_gib, args.architecture))


def _worker(tier: Tier) -> str:
    if not tier.worker.enabled:
        return "none"
    args = tier.worker
    return _scaled(args, _CATALOG.machine(args.vcpus, args.memory_gib, args.architecture))


def _database(tier: Tier) -> str:
    args = tier.database
    name = _CATALOG.database(args.vcpus, args.memory_gib, args.architecture)
    standby = ", standby in a second zone" if args.high_availability else ""
    several = "s" if args.read_replicas > 1 else ""
    replicas = f", {args.read_replicas} read replica{several}" if args.read_replicas else ""
    return f"{name}, {args.storage_gib} to {args.max_storage_gib} GiB{standby}{replicas}"


def _cache(tier: Tier) -> str:
    if tier.cache.kind == "container":
        return f"Redis beside the server, {int(tier.cache.memory_gib * 1024)} MiB"
    return f"{tier.cache.nodes} × {_CATALOG.cache(tier.cache.memory_gib)}"


def _runs_on(tier: Tier) -> str:
    return {"instances": "ECS on EC2", "kubernetes": "EKS"}[tier.api.compute]


def _way_in(tier: Tier) -> str:
    if tier.ingress["kind"] == "proxy":
        return "Caddy with automatic TLS on the instance, no NAT"
    firewall = ", web application firewall" if tier.ingress.get("waf") else ""
    zones = tier.ingress.get("zones", IngressArgs.model_fields["zones"].default)
    return f"ALB, TLS 1.3{firewall}, NAT in each of {zones} zones"


def _embedding(tier: Tier) -> str:
    args = tier.embedding
    if args.hosting == "api":
        return f"provider, {args.model}"
    return f"{args.replicas} × {_CATALOG.embedding_machine(args.hosting)}, of one's own"


def _backups(tier: Tier) -> str:
    args = tier.database
    dumps = (
        f"; a dump every {args.dump.every_hours} hours, kept {args.dump.retention_days} days"
        if args.dump
        else ""
    )
    return f"{args.backup_retention_days} days, to any second{dumps}"


ROWS: dict[str, Callable[[Tier], str]] = {
    "for": lambda tier: tier.summary,
    "load": lambda tier: (
        f"{tier.workload.agents} agents × {tier.workload.messages_per_agent} messages a month"
    ),
    "runs on": _runs_on,
    "API": _api,
    "worker": _worker,
    "database (PostgreSQL, pgvector)": _database,
    "cache": _cache,
    "queue": lambda tier: "SQS with dead letters" if tier.queue.enabled else "none",
    "embeddings": _embedding,
    "language model": lambda tier: f"provider, {tier.llm.model}",
    "way in": _way_in,
    "backups": _backups,
    "logs": lambda tier: f"CloudWatch, {tier.monitoring.log_retention_days} days",
}


def table() -> str:
    """The table in Markdown, tiers across."""
    lines = [
        "| | " + " | ".join(TIERS) + " |",
        "|---" * (len(TIERS) + 1) + "|",
    ]
    lines += [
        f"| {label} | " + " | ".join(cell(tier) for tier in TIERS.values()) + " |"
        for label, cell in ROWS.items()
    ]
    return "\n".join(lines)


def rendered(text: str) -> str:
    """The README's text with the table of today's code in it."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{table()}\n{END}{tail}"


if __name__ == "__main__":
    README.write_text(rendered(README.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{README.name}: tier table written\n")
