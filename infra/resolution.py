"""From what a stack file says of a role to that role's whole arguments: the cloud's own words, the
sizes that a machine's name stands for, the machines that sizes stand for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from components.args import ApiArgs, CacheArgs, DatabaseArgs, NodesArgs, WorkerArgs
from components.args.servers import API_LEAST_NODES, KUBERNETES_LIMIT_MIB, KUBERNETES_LIMIT_VCPUS
from components.offer import Catalog

_SIZE_FIELDS = {
    "api": ("vcpus", "memory_gib", "architecture"),
    "worker": ("vcpus", "memory_gib", "architecture"),
    "database": ("vcpus", "memory_gib", "architecture"),
    "cache": ("memory_gib",),
}
"""Role -> what an `instance_type` says of it."""
_SERVERS = ("api", "worker")
LEAST_NODES: Mapping[str, int] = {"api": API_LEAST_NODES, "worker": 1}
"""Role -> fewest machines of its tier on a cluster."""
_HOSTED = ("embedding", "llm")


def words(role: str, offer: Catalog) -> Collection[str] | None:
    """The words that a role may be given as, where they are the cloud's own."""
    return offer.computes if role in _SERVERS else None


def understood(
    role: str, override: Mapping[str, Any], offer: Catalog, problems: list[str]
) -> dict[str, Any]:
    """The override with what the cloud's own words stand for in their place."""
    word = override.get("compute")
    if role not in _SERVERS or not isinstance(word, str):
        return dict(override)
    if word not in offer.computes:
        problems.append(
            f"letta:{role}.compute: {word!r} does not exist on this cloud; "
            f"one of {', '.join(offer.computes)}"
        )
        return {field: value for field, value in override.items() if field != "compute"}
    return {**override, "compute": offer.computes[word]}


def sized(
    role: str, override: Mapping[str, Any], offer: Catalog, problems: list[str]
) -> dict[str, Any]:
    """The override with the sizes that its `instance_type` stands for."""
    name = override.get("instance_type")
    if role not in _SIZE_FIELDS or not isinstance(name, str):
        return dict(override)
    both = [field for field in _SIZE_FIELDS[role] if field in override]
    if both:
        problems.append(
            f"letta:{role}: instance_type {name!r} already says {' and '.join(both)}; give one"
        )
        return dict(override)
    try:
        if role == "cache":
            return {**override, "memory_gib": offer.cache_size(name)}
        if role == "database":
            vcpus, memory_gib = offer.database_size(name)
            architecture = offer.database_architecture(name)
        else:
            vcpus, memory_gib = offer.machine_size(name)
            architecture = offer.machine_architecture(name)
    except ValueError as error:
        problems.append(f"letta:{role}.instance_type: {error.args[0]}")
        return {field: value for field, value in override.items() if field != "instance_type"}
    return {
        **override,
        "vcpus": vcpus,
        "memory_gib": memory_gib,
        "architecture": architecture,
    }


def chosen(role: str, base: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    """The tier's values as another choice of hosting or compute makes them."""
    hosting = override.get("hosting", base.get("hosting"))
    if role in _HOSTED and hosting != base["hosting"]:
        return {field: value for field, value in base.items() if field != "model"}
    if override.get("compute") == "kubernetes" and base["compute"] != "kubernetes":
        return {
            **base,
            "task_vcpus": KUBERNETES_LIMIT_VCPUS,
            "task_memory_mib": KUBERNETES_LIMIT_MIB,
        }
    return dict(base)


def resolved(roles: dict[str, Any], offer: Catalog, problems: list[str]) -> dict[str, Any]:
    """The roles with the cloud's machine names filled in where the file gives sizes only."""
    found = dict(roles)
    for role in _SIZE_FIELDS:
        args = roles[role]
        if args.instance_type is not None or not needs_machine(role, args, offer):
            continue
        try:
            if role == "cache":
                name = offer.cache(args.memory_gib)
            else:
                choose = offer.database if role == "database" else offer.machine
                name = choose(args.vcpus, args.memory_gib, args.architecture)
        except ValueError as error:
            problems.append(f"letta:{role}: {error.args[0]}")
            continue
        found[role] = args.model_copy(update={"instance_type": name})
    for role in ("api", "worker"):
        args = found[role]
        if offer.machines and args.compute == "kubernetes" and args.nodes is None:
            least = LEAST_NODES[role]
            nodes = NodesArgs(
                initial=max(least, args.replicas),
                minimum=max(least, args.min_replicas),
                maximum=max(least, args.max_replicas),
            )
            found[role] = args.model_copy(update={"nodes": nodes})
    return found


def needs_machine(
    role: str, args: ApiArgs | WorkerArgs | DatabaseArgs | CacheArgs, offer: Catalog
) -> bool:
    """Whether a role runs on a machine that the stack chooses."""
    if not offer.machines:
        return False
    if isinstance(args, CacheArgs):
        return args.kind == "managed"
    if isinstance(args, WorkerArgs) and not args.enabled:
        return False
    return role == "database" or getattr(args, "compute", None) in ("instances", "kubernetes")
