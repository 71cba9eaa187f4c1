"""Stores that are billed alike on every cloud."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from components.args import DatabaseArgs
from pricing.inventory import DatabaseServer
from pricing.span import Span


def database(args: DatabaseArgs, storage_type: str) -> Iterator[DatabaseServer]:
    """The primary and its replicas, on storage of the cloud's own kind."""
    primary = DatabaseServer(
        component="database",
        type=str(args.instance_type),
        high_availability=args.high_availability,
        storage_gib=Span.of(args.storage_gib, args.storage_gib, args.max_storage_gib),
        storage_type=storage_type,
        backup_retention_days=args.backup_retention_days,
        version=args.engine_version,
    )
    yield primary
    for _ in range(args.read_replicas):
        yield replace(primary, high_availability=False, backup_retention_days=0)
