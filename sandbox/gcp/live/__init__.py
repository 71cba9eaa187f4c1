"""What runs of a stack on Google Cloud."""

from __future__ import annotations

from sandbox.gcp.live import backends, caches, client, cloud_run, databases, load_balancer, secrets
from sandbox.live.reader import Reader
from sandbox.live.spec import Objects

BUCKET = "gcp:storage/bucket:Bucket"


def _buckets(objects: Objects) -> tuple[str, ...]:
    return tuple(str(item.get("name")) for item in objects.all(BUCKET))


READER = Reader(
    servers=databases.servers,
    nodes=caches.nodes,
    services=cloud_run.services,
    runs=cloud_run.runs,
    schedules=cloud_run.scheduled,
    balancers=load_balancer.balancers,
    buckets=_buckets,
    node_ports=backends.node_ports,
    images=client.images,
    stores={"gcpsm": secrets.fetched},
)
