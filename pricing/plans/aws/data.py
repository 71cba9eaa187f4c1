"""Where data is kept: database, cache, buckets, queue, volumes, secrets."""

from __future__ import annotations

from collections.abc import Iterator

from components.args import EXPIRED_VERSION_DAYS, BucketArgs, CacheArgs
from components.aws.eks.volumes import VOLUMES
from components.aws.fixed import (
    ACCESS_LOG_EXPIRATION_DAYS,
    DATABASE_STORAGE_TYPE,
)
from components.aws.offer import CATALOG
from components.letta import providers
from components.letta.bootstrap import ADMIN_URI
from components.letta.environment import ENCRYPTION_KEY, POSTGRES_URI, SERVER_PASSWORD
from infra.settings import Settings
from pricing.inventory import (
    Bucket,
    CacheNodes,
    Dumps,
    Keys,
    Queue,
    Secrets,
    Thing,
)
from pricing.plans.clusters import model_volumes
from pricing.plans.stores import database
from pricing.span import Span

_OWN_SECRETS = (SERVER_PASSWORD, ENCRYPTION_KEY, POSTGRES_URI, ADMIN_URI)
"""What every stack generates and keeps, beside the keys of providers."""


def data(settings: Settings) -> Iterator[Thing]:
    """Stores of every kind."""
    yield from database(settings.database, DATABASE_STORAGE_TYPE)
    if settings.cache.kind == "managed":
        yield _cache(settings.cache)
    yield from _buckets(settings)
    if settings.queue.enabled:
        queue = Queue(component="queue", fifo=settings.queue.fifo)
        # The queue, and that of its dead letters.
        yield from (queue, queue)
    yield Keys(component="secrets", count=1)
    keys = providers.secret_values(settings.llm)
    yield Secrets(component="secrets", count=len(_OWN_SECRETS) + len(keys))
    kinds = {name: parameters["type"] for name, parameters in VOLUMES.items()}
    yield from model_volumes(settings.llm, CATALOG, kinds)


def _buckets(settings: Settings) -> Iterator[Bucket | Dumps]:
    yield Bucket(
        component="storage",
        holds="data",
        infrequent_access_days=settings.storage.infrequent_access_days,
        archive_days=settings.storage.archive_days,
    )
    if dump := settings.database.dump:
        yield Dumps(
            component="database",
            times_a_day=len(dump.starts),
            billed_days=dump.retention_days + EXPIRED_VERSION_DAYS,
            infrequent_access_days=settings.storage.infrequent_access_days,
            archive_days=settings.storage.archive_days,
        )
    if settings.ingress.kind == "load_balancer":
        # Access logs grow cheaper at the default ages, whatever the stack file says of its data.
        ageing = BucketArgs()
        yield Bucket(
            component="ingress",
            holds="logs",
            infrequent_access_days=ageing.infrequent_access_days,
            archive_days=ageing.archive_days,
            expiration_days=ACCESS_LOG_EXPIRATION_DAYS,
        )


def _cache(args: CacheArgs) -> CacheNodes:
    return CacheNodes(
        component="cache",
        type=str(args.instance_type),
        count=Span.fixed(args.nodes),
        snapshot_retention_days=args.snapshot_retention_days,
    )
