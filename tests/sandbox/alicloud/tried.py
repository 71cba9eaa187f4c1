"""The good resources of Alibaba Cloud, and by which provider they are made."""

from __future__ import annotations

from tests.sandbox.alicloud.good_stores import GOODS, RECORD
from tests.sandbox.good import Tried

TRIED = Tried(
    goods=GOODS,
    arguments={"region": "ap-southeast-1"},
    elsewhere={RECORD: {"region": "cn-heyuan"}},
)
