"""An engine that asks the sandbox as the provider of Azure."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.sandbox.engine import Engine

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
TENANT = "72f988bf-0000-4000-8000-2d7cd011db47"


@pytest.fixture
def azure(connect: Callable[..., Engine]) -> Engine:
    """An engine configured for a subscription, in eastus."""
    return connect("azure-native", subscriptionId=SUBSCRIPTION, tenantId=TENANT, location="eastus")
