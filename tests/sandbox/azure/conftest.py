"""An engine that asks the sandbox as the provider of Azure, and a group to begin with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.sandbox.azure.estate import SUBSCRIPTION, TENANT, Estate
from tests.sandbox.engine import Engine


@pytest.fixture
def azure(connect: Callable[..., Engine]) -> Engine:
    """An engine configured for a subscription, in eastus."""
    return connect("azure-native", subscriptionId=SUBSCRIPTION, tenantId=TENANT, location="eastus")


@pytest.fixture
def made(azure: Engine) -> Estate:
    """A subscription with a group."""
    return Estate(azure)
