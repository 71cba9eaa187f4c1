"""Alibaba Cloud: what of a stack holds data or opens it."""

from __future__ import annotations

from tests.engine.clouds import Told

TOLD = Told(
    data=(
        "alicloud:kms/key:Key",
        "alicloud:oss/bucket:Bucket",
        "alicloud:rds/database:Database",
        "alicloud:rds/instance:Instance",
        "alicloud:rds/readOnlyInstance:ReadOnlyInstance",
        "kubernetes:core/v1:Secret",
    ),
)
