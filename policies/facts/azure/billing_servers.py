"""What Azure bills of what runs servers: apps, jobs, environments, clusters and their machines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from components.azure.fixed import ENVIRONMENT_ADDRESSES, NODE_DISK_TYPE, SCRIPT_MIB
from components.workloads.cluster import POOL_LABEL
from policies.facts import roles
from policies.facts.azure.containers import task
from policies.facts.azure.dumps import is_scheduled
from policies.facts.azure.machines import bounds, first
from policies.facts.azure.network import is_inner
from policies.facts.azure.services import MOST_COPIES
from policies.facts.billing import NotPriced, between, require_own
from policies.facts.dumps import made_by
from policies.facts.graph import Graph
from policies.facts.kubernetes import billing as clusters
from policies.facts.kubernetes.types import SERVICE
from policies.facts.model import Dump
from policies.facts.resource import Node, Resource
from pricing.inventory import (
    POOLS,
    ControlPlane,
    DumpRuns,
    Functions,
    InnerBalancers,
    Machines,
    PrivateEndpoints,
    PublicAddresses,
    ServerlessCopies,
    Thing,
)

_NODE_DISK_GIB, _MANAGED = 128, "Managed"
"""Disk of a node whose pool states none (AKS documentation, "Storage options")."""
_PROFILE = "Consumption"
_KEY_VAULT_ACCESS = "securityProfile.azureKeyVaultKms.keyVaultNetworkAccess"


def app(graph: Graph, resource: Resource) -> Iterator[Thing]:
    _require_no_machines(resource)
    copy = task(resource)
    scale = resource.root.node("template.scale")
    least = scale.integer("minReplicas")
    most = scale.integer("maxReplicas", MOST_COPIES)
    yield ServerlessCopies(
        component=roles.of(graph, resource) or "api",
        name=resource.name,
        urn=resource.urn,
        vcpus=copy.vcpus,
        memory_gib=copy.memory_mib / 1024,
        count=between(least, least, most),
    )


def _require_no_machines(resource: Resource) -> None:
    profile = resource.root.text("workloadProfileName", _PROFILE)
    if profile != _PROFILE:
        raise NotPriced(f"prices are those of the profile {_PROFILE}, and it runs on {profile}")


def environment(resource: Resource) -> Iterator[Thing]:
    """Without machines of its own it costs what Azure makes for it: a load balancer, and
    addresses."""
    way_in = "internal" if resource.root.flag("vnetConfiguration.internal") else "external"
    for made in (
        InnerBalancers(component="network", count=1),
        PublicAddresses(component="network", count=ENVIRONMENT_ADDRESSES[way_in]),
    ):
        yield replace(made, name=resource.name, urn=resource.urn)
    ingress = resource.root.text("ingressConfiguration.workloadProfileName")
    for profile in resource.root.nodes("workloadProfiles"):
        kind = profile.text("workloadProfileType")
        if kind != _PROFILE:
            least = profile.integer("minimumCount")
            yield Machines(
                component="ingress" if profile.text("name") == ingress else "api",
                name=resource.name,
                urn=resource.urn,
                type=kind,
                count=between(least, least, profile.integer("maximumCount")),
            )


def job(graph: Graph, resource: Resource, dumps: tuple[Dump, ...]) -> Iterator[Thing]:
    _require_no_machines(resource)
    copy = task(resource)
    if is_scheduled(resource):
        dump = made_by(resource, dumps)
        if dump is None:
            raise NotPriced("how long it runs is not known")
        yield DumpRuns(
            component="database",
            name=resource.name,
            urn=resource.urn,
            times_a_day=dump.times_a_day,
            vcpus=copy.vcpus,
            memory_gib=copy.memory_mib / 1024,
        )
        return
    require_own(graph, resource, "how often it runs")
    yield Functions(
        component="bootstrap",
        name=resource.name,
        urn=resource.urn,
        memory_mib=int(copy.memory_mib),
        count=1,
    )


def script(graph: Graph, resource: Resource) -> Iterator[Thing]:
    """It runs for as long as the job that it waits for."""
    require_own(graph, resource, "how long it runs")
    yield Functions(
        component="bootstrap",
        name=resource.name,
        urn=resource.urn,
        memory_mib=SCRIPT_MIB,
        count=1,
    )


def service(resource: Resource) -> Iterable[Thing]:
    """Those with an address in the network share a load balancer, which is the cluster's."""
    return () if is_inner(resource) else clusters.service(resource)


def cluster(graph: Graph, resource: Resource, staying: Mapping[str, int]) -> Iterator[Thing]:
    """What steers it, the load balancer of its services, and the machines that it is made with."""
    tier = resource.root.text("sku.tier", "Free")
    if tier != "Standard":
        raise NotPriced(f"prices are those of the tier Standard, and it is {tier}")
    yield ControlPlane(
        component="cluster",
        name=resource.name,
        urn=resource.urn,
        version=resource.root.text("kubernetesVersion"),
    )
    made: list[Thing] = []
    if any(is_inner(service) for service in graph.of(SERVICE)):
        made.append(InnerBalancers(component="network", count=1))
    if resource.root.text(_KEY_VAULT_ACCESS, "Public") == "Private":
        made.append(PrivateEndpoints(component="network", count=1))
    for thing in made:
        yield replace(thing, name=resource.name, urn=resource.urn)
    for pool in resource.root.nodes("agentPoolProfiles"):
        yield _machines(resource, pool, staying)


def node_pool(resource: Resource, staying: Mapping[str, int]) -> Iterator[Thing]:
    yield _machines(resource, resource.root, staying)


def _machines(resource: Resource, pool: Node, staying: Mapping[str, int]) -> Thing:
    kind = pool.text("osDiskType", _MANAGED)
    if kind != _MANAGED:
        raise NotPriced(f"prices are those of {_MANAGED} disks, and its are {kind}")
    role = pool.mapping("nodeLabels").get(POOL_LABEL, "")
    least, most = bounds(pool)
    # A pool that may be empty is not while pods must run on it.
    floor = least or min(staying.get(resource.urn, 0), most)
    return Machines(
        component=POOLS.get(role, "cluster"),
        name=resource.name,
        urn=resource.urn,
        type=pool.text("vmSize"),
        count=between(floor, min(max(first(pool), floor), most), most),
        spot=pool.text("scaleSetPriority", "Regular") == "Spot",
        disk_gib=pool.integer("osDiskSizeGB", _NODE_DISK_GIB),
        disk_type=NODE_DISK_TYPE,
    )
