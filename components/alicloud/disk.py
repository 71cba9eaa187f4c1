"""The disk of the database: RDS makes it larger by itself, and a stack that asks for more does.

The provider passes over any other size while a disk grows by itself. So the run that makes it
larger switches that off, and the next one on again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_alicloud import rds

from components.alicloud.fixed import CEILING_TAG
from components.alicloud.place import Place
from components.alicloud.ram import STACK_TAG
from components.args import DatabaseArgs


@dataclass(frozen=True, kw_only=True)
class Growth:
    """What an instance is told of the growth of its disk."""

    auto_scale: pulumi.Output[str]
    """`Enable`, or `Disable` in the run that makes the disk larger."""
    tags: pulumi.Output[Mapping[str, str]]
    """The stack's, and how far the disk is to grow while it may not."""


def growth(parent: pulumi.Resource, label: str, args: DatabaseArgs, place: Place) -> Growth:
    """How the disk of the instance named `label` grows. Says so where another run is needed."""
    found = rds.get_instances_output(
        name_regex=f"^{label}$",
        tags={STACK_TAG: place.tags[STACK_TAG]},
        opts=pulumi.InvokeOptions(parent=parent),
    )

    def must_grow(there: rds.GetInstancesResult) -> bool:
        gib = [each.instance_storage for each in there.instances]
        if not any(each < args.storage_gib for each in gib):
            return False
        pulumi.log.warn(
            f"the disk of {label} is made {args.storage_gib} GiB instead of {min(gib)}; it does "
            "not grow by itself until the next `pulumi up`: run it again afterwards",
            resource=parent,
        )
        return True

    paused = found.apply(must_grow)
    return Growth(
        auto_scale=paused.apply(lambda grows: "Disable" if grows else "Enable"),
        tags=paused.apply(
            lambda grows: (
                {**place.tags, CEILING_TAG: str(args.max_storage_gib)} if grows else place.tags
            )
        ),
    )
