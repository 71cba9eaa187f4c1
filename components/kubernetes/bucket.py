"""Bucket: object storage that is its owner's. The stack writes backups and dumps there and
makes nothing."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.args import BucketArgs
from components.kubernetes.site import Site


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """A bucket that exists."""

    bucket: pulumi.Output[str]
    """Its name."""


def bucket(_name: str, _args: BucketArgs, site: Site, _opts: pulumi.ResourceOptions) -> Bucket:
    """The bucket that the stack file names."""
    return Bucket(bucket=pulumi.Output.from_input(site.options.object_storage.bucket))
