"""Relations between the roles of one stack, and between a stack and its cloud's offer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from math import ceil
from typing import Any

from pydantic import SecretStr

from components.args import (
    ApiArgs,
    CacheArgs,
    EmbeddingArgs,
    IngressArgs,
    LlmArgs,
    WorkerArgs,
)
from components.letta import providers
from components.offer import Catalog, Compute, Kind
from infra.resolution import LEAST_NODES, needs_machine

_CLUSTER_ZONES = 2
"""Fewest zones of a managed control plane (EKS user guide, "View Amazon EKS networking
requirements for VPC and subnets")."""
_KIND = {"api": "machine", "worker": "machine", "database": "database", "cache": "cache"}


def unused(overrides: Mapping[str, Mapping[str, Any]], roles: Mapping[str, Any]) -> list[str]:
    """What the file gives (`overrides`, role -> its values there) though what it is for is not
    chosen."""
    return [
        *(_unused_models(overrides, roles["llm"]) if roles.get("llm") else ()),
        *(_unused_embedding(overrides, roles["embedding"]) if roles.get("embedding") else ()),
        *(_unused_worker(overrides, roles["worker"]) if roles.get("worker") else ()),
    ]


def _unused_models(overrides: Mapping[str, Mapping[str, Any]], llm: LlmArgs) -> Iterator[str]:
    for server in ("vllm", "ollama"):
        if server in overrides["llm"] and llm.hosting != server:
            yield (
                f"letta:llm.{server}: given, but hosting is {llm.hosting}; "
                f"set letta:llm.hosting to {server}, or remove it"
            )


def _unused_embedding(
    overrides: Mapping[str, Mapping[str, Any]], embedding: EmbeddingArgs
) -> Iterator[str]:
    for field in ("replicas", "batch_limit"):
        if field in overrides["embedding"] and embedding.hosting == "api":
            yield (
                f"letta:embedding.{field}: given, but hosting is api; "
                "set letta:embedding.hosting to cpu or gpu, or remove it"
            )


def _unused_worker(overrides: Mapping[str, Mapping[str, Any]], worker: WorkerArgs) -> Iterator[str]:
    for field in overrides["worker"]:
        # Which compute a worker would have is part of what a tier is moved to.
        if field not in ("enabled", "compute") and not worker.enabled:
            yield (
                f"letta:worker.{field}: given, but there is no worker tier; "
                "set letta:worker.enabled to true, or remove it"
            )


def absent(
    overrides: Mapping[str, Mapping[str, Any]], offer: Catalog, api: ApiArgs | None
) -> list[str]:
    """What the file gives (`overrides`, role -> its values there) though the cloud, or what the
    copies of `api` run on there, has no use for it."""
    reasons = {**offer.absent, **(offer.absent_on.get(api.compute, {}) if api else {})}
    return [
        f"letta:{role}.{field}: {reasons[f'{role}.{field}']}"
        for role, values in overrides.items()
        for field in values
        if f"{role}.{field}" in reasons
    ]


def check(roles: Mapping[str, Any], offer: Catalog, region: str) -> list[str]:
    """Every relation that does not hold, as lines for the report."""
    ingress, api, worker = roles["ingress"], roles["api"], roles["worker"]
    return [
        *_offered(roles, offer, region),
        *_zones(ingress, offer, region),
        *_certificate(ingress, offer),
        *_single_instance(ingress, api, worker, roles["cache"], offer),
        *_cluster(ingress, api, worker, offer),
        *_nodes(api, worker),
        *_serverless("api", api, offer),
        *(_serverless("worker", worker, offer) if worker.enabled else ()),
    ]


def _offered(roles: Mapping[str, Any], offer: Catalog, region: str) -> list[str]:
    return [
        f"letta:{role}.instance_type: {roles[role].instance_type} is not offered in {region}; "
        "choose another type or region"
        for role, kind in _KIND.items()
        if roles[role].instance_type
        and needs_machine(role, roles[role], offer)
        and not offer.offered(kind, roles[role].instance_type, region)
    ]


def _zones(ingress: IngressArgs, offer: Catalog, region: str) -> list[str]:
    problems = []
    available = len(offer.zones(region))
    if available and ingress.zones > available:
        problems.append(
            f"letta:ingress.zones: {ingress.zones} exceeds the {available} zones of {region}; set "
            f"it to {available}"
        )
    if ingress.kind == "load_balancer" and ingress.nat == "none":
        problems.append(
            "letta:ingress.nat: none leaves private servers without a way to LLM providers; "
            "use single or per_zone, or kind: proxy with one instance"
        )
    return problems


def _certificate(ingress: IngressArgs, offer: Catalog) -> Iterator[str]:
    if "certificate" not in offer.identifiers:
        return
    if ingress.kind == "load_balancer" and not (ingress.hosted_zone or ingress.certificate):
        yield (
            f"letta:ingress: TLS for {ingress.domain} needs hosted_zone (a certificate is issued "
            "through it) or certificate (an existing one)"
        )
    yield from _named("ingress.certificate", "certificate", ingress.certificate, offer)


def _named(place: str, kind: Kind, name: str | None, offer: Catalog) -> Iterator[str]:
    """A name that is not as the cloud names its own."""
    if name is None:
        return
    expected = offer.identifiers.get(kind)
    if expected is None:
        yield f"letta:{place}: nothing of this kind can be named on this cloud; remove it"
    elif not re.fullmatch(expected.pattern, name):
        # What stands in the place of a secret's name may be the secret.
        shown = "it" if kind == "secret" else repr(name)
        yield f"letta:{place}: {shown} is no name of a {kind}; write it as {expected.example}"


def _single_instance(
    ingress: IngressArgs, api: ApiArgs, worker: WorkerArgs, cache: CacheArgs, offer: Catalog
) -> list[str]:
    problems = []
    if ingress.kind == "proxy":
        if api.max_replicas > 1:
            problems.append(
                f"letta:api.max_replicas: {api.max_replicas} copies cannot stand behind a proxy "
                "on one instance; set letta:ingress.kind to load_balancer"
            )
        if api.compute == "serverless" and offer.proxy_needs_machine:
            problems.append(
                f"letta:api.compute: {_word(api.compute, offer)} has no instance for the proxy to "
                "run on; set letta:ingress.kind to load_balancer"
            )
        if worker.enabled:
            problems.append(
                "letta:worker.enabled: a worker tier needs paths routed to it; "
                "set letta:ingress.kind to load_balancer"
            )
    elif cache.kind == "container" and not offer.container_cache_shared:
        problems.append(
            "letta:cache.kind: container gives every copy a cache of its own; "
            "use managed behind a load balancer"
        )
    return problems


def _cluster(ingress: IngressArgs, api: ApiArgs, worker: WorkerArgs, offer: Catalog) -> list[str]:
    problems = []
    on_cluster = api.compute == "kubernetes"
    if worker.enabled and on_cluster != (worker.compute == "kubernetes"):
        problems.append(
            f"letta:worker.compute: {_word(worker.compute, offer)} beside "
            f"{_word(api.compute, offer)} of letta:api.compute; "
            "both run on Kubernetes or neither"
        )
    if on_cluster and ingress.kind != "load_balancer":
        problems.append(
            "letta:api.compute: kubernetes needs a load balancer before it; "
            "set letta:ingress.kind to load_balancer"
        )
    if on_cluster and offer.clusters and ingress.zones < _CLUSTER_ZONES:
        problems.append(
            f"letta:ingress.zones: {ingress.zones} is below {_CLUSTER_ZONES}, the least of a "
            f"Kubernetes control plane; set it to {_CLUSTER_ZONES} or more"
        )
    if on_cluster and offer.clusters and ingress.control_plane is None:
        problems.append(
            "letta:ingress.control_plane: required with kubernetes; give allowed_cidrs, the "
            "networks you run pulumi from, such as [203.0.113.0/24], or [] when that is inside "
            "the stack's own network"
        )
    for admin in ingress.control_plane.admins if ingress.control_plane else ():
        problems += _named("ingress.control_plane.admins", "principal", admin, offer)
    if not on_cluster and ingress.control_plane is not None:
        problems.append(
            "letta:ingress.control_plane: there is no cluster; set letta:api and letta:worker to "
            "kubernetes, or remove it"
        )
    problems += [
        f"letta:{role}.nodes: {_word(tier.compute, offer)} has no nodes of its own; remove it, or "
        f"set letta:{role}.compute to kubernetes"
        for role, tier in (("api", api), ("worker", worker))
        if tier.nodes is not None and tier.compute != "kubernetes"
    ]
    return problems


def _nodes(api: ApiArgs, worker: WorkerArgs) -> list[str]:
    tiers = {"api": api, **({"worker": worker} if worker.enabled else {})}
    reasons = {
        "api": "with fewer, all copies and the controllers of the cluster stand on one machine",
        "worker": "with none, its work waits for a machine",
    }
    return [
        f"letta:{role}.nodes.{field}: {count} is below {LEAST_NODES[role]}, the least of this "
        f"tier ({reasons[role]}); set it to {LEAST_NODES[role]} or more"
        for role, tier in tiers.items()
        if tier.compute == "kubernetes" and tier.nodes is not None
        for field, count in (("minimum", tier.nodes.minimum), ("maximum", tier.nodes.maximum))
        if count < LEAST_NODES[role]
    ]


def addresses(
    ingress: IngressArgs, api: ApiArgs, worker: WorkerArgs, model_machines: int, offer: Catalog
) -> list[str]:
    """Whether the network has room for all machines of a cluster.

    `model_machines`: most machines that serve models.
    """
    if api.compute != "kubernetes" or not offer.machines:
        return []
    tiers = (api, worker) if worker.enabled else (api,)
    count = model_machines + sum(tier.nodes.maximum for tier in tiers if tier.nodes)
    needed = ceil(count / ingress.zones)
    room = offer.nodes_per_zone(ingress.vpc_cidr)
    if needed <= room:
        return []
    wider = (
        network
        for prefix in range(IPv4Network(ingress.vpc_cidr).prefixlen - 1, 15, -1)
        if offer.nodes_per_zone(
            str(network := IPv4Network(ingress.vpc_cidr).supernet(new_prefix=prefix))
        )
        >= needed
    )
    found = next(wider, None)
    way_out = f"give a range such as {found}, or lower" if found else "lower"
    return [
        f"letta:ingress.vpc_cidr: {ingress.vpc_cidr} has addresses for {room} of a "
        f"cluster's machines in each zone, and up to {needed} may stand in one ({count} over "
        f"{ingress.zones} zones: nodes of letta:api and letta:worker, and those of models); "
        f"{way_out} letta:api.nodes.maximum, letta:worker.nodes.maximum or the copies of models"
    ]


def _serverless(role: str, tier: ApiArgs | WorkerArgs, offer: Catalog) -> list[str]:
    if tier.compute != "serverless" or offer.serverless_size_valid(
        tier.vcpus, tier.copy_memory_mib
    ):
        return []
    return [
        f"letta:{role}: {_word(tier.compute, offer)} has no copy of {tier.vcpus} vCPU with "
        f"{tier.copy_memory_mib} MiB; change vcpus or memory_gib"
    ]


def _word(compute: Compute, offer: Catalog) -> str:
    """The cloud's own word for it."""
    return next(word for word, meant in offer.computes.items() if meant == compute)


def llm(args: LlmArgs, written: object, offer: Catalog, *, encrypted: bool) -> list[str]:
    """What is wrong with the providers, and which keys stand in the file in plain text.

    `written`: `letta:llm` as it stands in the file, where that is known. `encrypted`: whether
    anything in it is encrypted.
    """
    problems = []
    known = providers.LLM_HANDLES
    if args.model is not None and args.model.partition("/")[0] not in known:
        problems.append(
            f"letta:llm.model: no provider of the name before the slash; "
            f"known: {', '.join(sorted(known))}"
        )
    for name, provider in args.providers.items():
        place = f"letta:llm.providers.{name}"
        if name not in providers.PROVIDERS:
            problems.append(
                f"{place}: unknown provider; known: {', '.join(sorted(providers.PROVIDERS))}"
            )
            continue
        problems += [f"letta:llm.providers: {line}" for line in providers.problems(name, provider)]
        problems += _named(f"{place[6:]}.api_key_secret", "secret", provider.api_key_secret, offer)
        problems += [
            _in_plain_text(f"{place}.{field}")
            for field in providers.secret_fields(name, provider)
            if not encrypted
            or _is_plain(written, ("providers", name, field), getattr(provider, field))
        ]
    problems += _named(
        "llm.vllm.hugging_face_token_secret", "secret", args.vllm.hugging_face_token_secret, offer
    )
    token = args.vllm.hugging_face_token
    if token and (not encrypted or _is_plain(written, ("vllm", "hugging_face_token"), token)):
        problems.append(_in_plain_text("letta:llm.vllm.hugging_face_token"))
    return problems


def _in_plain_text(place: str) -> str:
    return (
        f"{place}: stands in the file in plain text; store it with "
        f"`pulumi config set --secret --path '{place}'` and revoke the key that was exposed"
    )


def _is_plain(written: object, path: tuple[str, ...], value: SecretStr) -> bool:
    """Whether the file itself holds the value, and not its encrypted form."""
    for key in path:
        written = written.get(key) if isinstance(written, dict) else None
    return written == value.get_secret_value()
