"""An estate of good AWS resources for each test."""

from __future__ import annotations

import pytest

from tests.sandbox.aws import (  # noqa: F401 - they enter their resources into GOOD
    good_clusters,
    good_containers,
    good_data,
    good_delivery,
    good_firewalls,
    good_identities,
    good_messages,
    good_networks,
)
from tests.sandbox.aws.estate import Estate
from tests.sandbox.engine import Engine


@pytest.fixture
def estate(aws: Engine) -> Estate:
    return Estate(aws)
