"""What AWS bills of a stack: type of resource -> what is read of it, or why it is free.

The bill is for one region. Of a type that stands in neither table nobody knows what it costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from policies.facts.aws import types
from policies.facts.aws.billing import containers, machines, network, stores, watching
from policies.facts.aws.billing.disks import of_class
from policies.facts.aws.billing.free import FREE
from policies.facts.aws.billing.regions import Regions
from policies.facts.aws.cluster import VOLUME_TYPE
from policies.facts.billing import Billing, Reader, Table, billing
from policies.facts.graph import Graph
from policies.facts.kubernetes import billing as kubernetes
from policies.facts.kubernetes.pods import Workload
from policies.facts.model import Dump, Service
from policies.facts.resource import Resource

CLOUD = "aws"

_SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"


def read(
    graph: Graph,
    workloads: Iterable[Workload],
    services: Iterable[Service],
    dumps: tuple[Dump, ...],
) -> Billing:
    """What is billed of a stack on AWS."""
    known = tuple(workloads)
    places = Regions(graph)
    return billing(
        graph,
        (
            table(graph, kubernetes.staying(known), dumps),
            kubernetes.table(graph, known, volume_type),
        ),
        cloud=CLOUD,
        region=places.stack,
        elsewhere=places.elsewhere,
        services=services,
    )


def table(graph: Graph, staying: Mapping[str, int], dumps: tuple[Dump, ...]) -> Table:
    """What is known of AWS's resources. `staying`: URN of a pool -> pods that always run there."""
    buckets = stores.access_log_buckets(graph)
    readers: Mapping[str, Reader] = {
        containers.ADDON: containers.addon,
        containers.CLUSTER: partial(containers.container_cluster, graph),
        machines.FIXED_ADDRESS: partial(network.address, graph),
        machines.INSTANCE: partial(machines.instance, graph),
        network.CERTIFICATE: network.certificate,
        network.ENDPOINT: partial(network.endpoint, graph),
        network.NAT_GATEWAY: partial(network.nat_gateway, graph),
        network.TOPIC: partial(network.topic, graph),
        _SUBSCRIPTION: partial(network.topic, graph),
        stores.CACHE_CLUSTER: stores.cache_cluster,
        stores.PARAMETER: stores.parameter,
        stores.QUEUE: partial(stores.queue, graph),
        stores.VOLUME: stores.volume,
        types.AUTOSCALER: containers.scalable_target,
        types.AUTOSCALING_GROUP: partial(machines.scaling_group, graph),
        types.BUCKET: partial(stores.bucket, graph, of_logs=buckets, dumps=dumps),
        types.CACHE: stores.cache,
        types.CLUSTER: containers.control_plane,
        types.DATABASE: partial(stores.database, graph),
        types.FUNCTION: partial(watching.function, graph),
        types.KEY: stores.key,
        types.LOAD_BALANCER: partial(network.load_balancer, graph),
        types.LOG_GROUP: partial(watching.log_group, graph),
        types.METRIC_ALARM: watching.alarm,
        types.METRIC_FILTER: watching.metric_filter,
        types.NODE_GROUP: partial(machines.node_group, graph, staying=staying),
        types.SCHEDULE: partial(containers.schedule, graph, dumps=dumps),
        types.SECRET: stores.secret,
        types.SERVICE: partial(containers.service, graph),
        types.WEB_ACL: partial(network.firewall, graph),
        watching.DASHBOARD: watching.dashboard,
        watching.FLOW_LOG: partial(watching.flow_log, graph),
        watching.ZONE: watching.zone,
    }
    return Table(readers=readers, free=FREE)


def volume_type(storage_class: Resource) -> str:
    """The kind of disk that a storage class makes. Raises `NotPriced` for one that is not billed
    by its size alone."""
    return of_class(storage_class.root.node("parameters"), VOLUME_TYPE)
