"""An engine that asks the sandbox as the provider of Alibaba Cloud."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.sandbox.alicloud.estate import Estate
from tests.sandbox.engine import Engine


@pytest.fixture
def alicloud(connect: Callable[..., Engine]) -> Engine:
    """An engine configured for Singapore."""
    return connect("alicloud", region="ap-southeast-1")


@pytest.fixture
def estate(alicloud: Engine) -> Estate:
    """A network with a vSwitch in each of two zones."""
    return Estate(alicloud)
