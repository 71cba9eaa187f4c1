"""What runs of a stack on AWS."""

from __future__ import annotations

from sandbox.aws.live import caches, client, databases, load_balancer, secrets, tasks, way_in
from sandbox.live.reader import Reader
from sandbox.live.spec import Objects

BUCKET = "aws:s3/bucket:Bucket"


def _buckets(objects: Objects) -> tuple[str, ...]:
    return tuple(str(item.get("bucket")) for item in objects.all(BUCKET))


READER = Reader(
    servers=databases.servers,
    nodes=caches.nodes,
    services=tasks.services,
    runs=tasks.runs,
    schedules=tasks.scheduled,
    balancers=load_balancer.balancers,
    buckets=_buckets,
    domains=way_in.domains,
    images=client.images,
    stores={"aws": secrets.fetched},
)
