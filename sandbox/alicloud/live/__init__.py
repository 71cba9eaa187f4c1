"""What runs of a stack on Alibaba Cloud, beside the pods of its cluster."""

from __future__ import annotations

from sandbox.alicloud.live import caches, client, databases, load_balancer
from sandbox.live.reader import Reader
from sandbox.live.spec import Objects

BUCKET = "alicloud:oss/bucket:Bucket"


def _buckets(objects: Objects) -> tuple[str, ...]:
    return tuple(str(item.get("bucket")) for item in objects.all(BUCKET))


READER = Reader(
    servers=databases.servers,
    nodes=caches.nodes,
    balancers=load_balancer.balancers,
    buckets=_buckets,
    node_ports=load_balancer.node_ports,
    images=client.images,
)
