"""Machines and containers without: what is billed by the hour that it runs.

Whatever an image is, it is taken to be Linux without a licence fee: resources do not tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import ceil

from components.aws import catalog
from components.workloads.cluster import POOL_LABEL
from policies.facts import roles
from policies.facts.aws import schedules, types
from policies.facts.aws.billing.disks import Disks, of_instance, of_node, of_template
from policies.facts.aws.machines import templates
from policies.facts.billing import NotPriced, between
from policies.facts.graph import Graph
from policies.facts.resource import Node, Resource
from pricing.inventory import POOLS, Component, Machines, Thing, Volumes
from pricing.span import Span

INSTANCE = "aws:ec2/instance:Instance"
FIXED_ADDRESS = "aws:ec2/eip:Eip"

_SPOT = "spot"
_SHARED = "default"
"""Tenancy of machines that share their hardware."""
_ALL_PERCENT = 100
_NODE_DISK_GIB = 20
"""Disk of a node whose group states none (EKS API reference, "CreateNodegroup", `diskSize`)."""


def scaling_group(graph: Graph, group: Resource) -> Iterator[Thing]:
    """The machines of an auto scaling group, as far as it has a launch template in the stack."""
    if group.root.given("warmPool"):
        raise NotPriced("machines that wait in its warm pool are billed beside those that run")
    template = _template(graph, group)
    machine = template.root
    _require_plain(machine)
    shares = tuple(_shares(group, machine, _sizes(group)))
    kind = _type(group, machine, spot=all(spot for spot, _ in shares))
    found = of_template(machine.nodes("blockDeviceMappings"))
    component = _component(graph, group)
    addresses = _addresses(graph, group, machine)
    for spot, count in _over_the_day(graph, group, shares):
        yield Machines(
            component=component,
            name=group.name,
            urn=group.urn,
            type=kind,
            count=count,
            spot=spot,
            disk_gib=found.root.gib,
            disk_type=found.root.type,
            public_addresses=addresses,
        )
        yield from _beside(found, component, group, count)


def _template(graph: Graph, group: Resource) -> Resource:
    found = templates(graph, group)
    if not found:
        raise NotPriced("its launch template is not part of this stack")
    return found[0]


def _type(group: Resource, machine: Node, *, spot: bool) -> str:
    """The type of its machines: the launch template's, unless the group names others alone."""
    overrides = group.root.nodes("mixedInstancesPolicy.launchTemplate.overrides")
    if any(override.given("weightedCapacity") for override in overrides):
        raise NotPriced("its machines count by weights")
    if any(one.given("instanceRequirements") for one in (machine, *overrides)):
        raise NotPriced("its machines are of any type that meets some requirements")
    named = [override.text("instanceType") for override in overrides]
    own = machine.text("instanceType")
    kind = own if own in named or not named else named[0]
    if not kind:
        raise NotPriced("it names no machine type")
    _require_one_price(named, spot=spot)
    return kind


def _require_one_price(types: Iterable[str], *, spot: bool) -> None:
    """Raises `NotPriced` for machines that may be of types of different prices.

    Spare ones of one size count as the first, the type that a stack file names, as in a plan: they
    stand in for it, and which of them runs follows prices that change by the hour.
    """
    several = tuple(dict.fromkeys(types))
    if len(several) > 1 and not (spot and len(set(map(_size, several))) == 1):
        raise NotPriced(f"its machines may be {' or '.join(several)}, whose prices differ")


def _size(name: str) -> tuple[object, ...]:
    """What a type is by the measures of `catalog.alike`; of one that nobody knows, its name."""
    try:
        known = catalog.instance_type(name)
    except catalog.CatalogError:
        return (name,)
    return known.vcpus, known.memory_gib, known.architecture, known.gpu_model, known.gpus


def _sizes(group: Resource) -> Span:
    root = group.root
    least = root.integer("minSize")
    wanted = root.integer("desiredCapacity") if root.stated("desiredCapacity") else least
    return between(least, wanted, root.integer("maxSize"))


def _shares(group: Resource, machine: Node, sizes: Span) -> Iterator[tuple[bool, Span]]:
    """Spot or not, and how many of them. What must be on demand is rounded up (EC2 Auto Scaling
    user guide, "Auto Scaling groups with multiple instance types")."""
    if _bought_as_spare(machine):
        yield True, sizes
        return
    share = group.root.node("mixedInstancesPolicy.instancesDistribution")
    base = share.integer("onDemandBaseCapacity")
    percent = share.integer("onDemandPercentageAboveBaseCapacity", _ALL_PERCENT)

    def on_demand(size: int) -> int:
        return min(size, base) + ceil(max(0, size - base) * percent / _ALL_PERCENT)

    points = [int(size) for size in (sizes.floor, sizes.expected, sizes.ceiling)]
    demanded = [on_demand(size) for size in points]
    spare = [size - held for size, held in zip(points, demanded, strict=True)]
    for spot, counts in ((False, demanded), (True, spare)):
        if counts[-1]:
            yield spot, Span.of(*counts)


def _over_the_day(
    graph: Graph, group: Resource, shares: Iterable[tuple[bool, Span]]
) -> Iterator[tuple[bool, Span]]:
    """The shares on average, where services on the machines have a timetable."""
    known = tuple(shares)
    for spot, count in known:
        average = count
        for service in _services(graph, group):
            average = schedules.averaged(graph, service, average)
        if average != count and len(known) > 1:
            raise NotPriced("its machines have a timetable, and are spot in part")
        yield spot, average


def _services(graph: Graph, group: Resource) -> Iterator[Resource]:
    """The services that run on the machines."""
    for provider in graph.referring(group, "autoScalingGroupProvider", types.CAPACITY_PROVIDER):
        yield from graph.referring(provider, "capacityProviderStrategies", types.SERVICE)


def _bought_as_spare(machine: Node) -> bool:
    path = "instanceMarketOptions.marketType"
    return machine.stated(path) and machine.text(path) == _SPOT


def _addresses(graph: Graph, group: Resource, machine: Node) -> int:
    """Public addresses that each machine keeps. One that waits for a fixed address takes that and
    gives its own back."""
    if graph.waits_for(group, FIXED_ADDRESS):
        return 0
    interfaces = machine.nodes("networkInterfaces")
    stated = [one for one in interfaces if one.given("associatePublicIpAddress")]
    if stated:
        return sum(one.flag("associatePublicIpAddress") for one in stated)
    placed = graph.referred(
        group, "vpcZoneIdentifiers", types.SUBNET, via=(types.ROUTE_TABLE_ASSOCIATION,)
    )
    return int(any(subnet.root.flag("mapPublicIpOnLaunch") for subnet in placed))


def _component(graph: Graph, resource: Resource) -> Component:
    return roles.of(graph, resource) or "cluster"


def _beside(found: Disks, component: Component, owner: Resource, count: Span) -> Iterator[Thing]:
    for disk in found.others:
        yield Volumes(
            component=component,
            name=owner.name,
            urn=owner.urn,
            type=disk.type,
            gib=count * disk.gib,
        )


def _require_plain(machine: Node) -> None:
    """Raises `NotPriced` for a launch template that makes machines cost more than their type."""
    _require_shared(machine, "placement.tenancy")
    _require_basic(machine, "monitoring.enabled")


def _require_basic(machine: Node, path: str) -> None:
    if machine.stated(path) and machine.flag(path):
        raise NotPriced("detailed monitoring of its machines is billed by the measure")


def _require_shared(machine: Node, path: str) -> None:
    if machine.stated(path) and machine.text(path) != _SHARED:
        raise NotPriced("its machines are on hardware of their own")


def node_group(graph: Graph, group: Resource, staying: Mapping[str, int]) -> Iterator[Thing]:
    """The machines of a node group. `staying`: URN of a pool -> pods that always run there."""
    root = group.root
    sizes = root.node("scalingConfig")
    least, wanted = sizes.integer("minSize"), sizes.integer("desiredSize")
    # A pool that may be empty is not while pods must run on it.
    floor = least or min(staying.get(group.urn, 0), wanted)
    kinds = root.texts("instanceTypes")
    if not len(kinds):
        raise NotPriced("it names no machine type")
    spot = root.stated("capacityType") and root.text("capacityType").lower() == _SPOT
    _require_one_price(kinds, spot=spot)
    found = _node_disks(graph, group)
    count = between(floor, wanted, sizes.integer("maxSize"))
    component = POOLS.get(root.mapping("labels").get(POOL_LABEL, ""), "cluster")
    yield Machines(
        component=component,
        name=group.name,
        urn=group.urn,
        type=kinds[0],
        count=count,
        spot=spot,
        disk_gib=found.root.gib,
        disk_type=found.root.type,
    )
    yield from _beside(found, component, group, count)


def _node_disks(graph: Graph, group: Resource) -> Disks:
    found = templates(graph, group)
    if found:
        _require_plain(found[0].root)
        return of_template(found[0].root.nodes("blockDeviceMappings"))
    if group.root.stated("launchTemplate"):
        raise NotPriced("its launch template is not part of this stack")
    root = group.root
    return of_node(root.integer("diskSize") if root.stated("diskSize") else _NODE_DISK_GIB)


def instance(graph: Graph, machine: Resource) -> Iterator[Thing]:
    """A single machine."""
    root = machine.root
    _require_shared(root, "tenancy")
    _require_basic(root, "monitoring")
    if root.stated("launchTemplate") or not root.stated("instanceType"):
        raise NotPriced("what a launch template makes of a single machine is not read")
    found = of_instance(root)
    component = _component(graph, machine)
    one = Span.fixed(1)
    yield Machines(
        component=component,
        name=machine.name,
        urn=machine.urn,
        type=root.text("instanceType"),
        count=one,
        spot=_bought_as_spare(root),
        disk_gib=found.root.gib,
        disk_type=found.root.type,
        public_addresses=int(_public(graph, machine)),
    )
    yield from _beside(found, component, machine, one)


def _public(graph: Graph, machine: Resource) -> bool:
    root = machine.root
    if root.stated("associatePublicIpAddress"):
        return root.flag("associatePublicIpAddress")
    placed = graph.referred(machine, "subnetId", types.SUBNET, via=(types.ROUTE_TABLE_ASSOCIATION,))
    return any(subnet.root.flag("mapPublicIpOnLaunch") for subnet in placed)
