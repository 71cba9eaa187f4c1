"""An estate of good AWS resources for each test."""

from __future__ import annotations

import pytest

from tests.sandbox.aws.estate import Estate
from tests.sandbox.engine import Engine


@pytest.fixture
def estate(aws: Engine) -> Estate:
    return Estate(aws)
