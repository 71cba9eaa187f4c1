"""What holds for all tests: time proves nothing, how several processes share them out, and whose
stacks the engine deploys.

`make test` runs them with `pytest -n`. The tests of one file stay together, so that what they
share is made once. On the engine, where a parameter is a life of its own, a file's parameters part.
The engine's tests take the longest and come first, lest one is left over when all else is done.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from infra import platforms

# A machine under load is slow, which is no failure.
settings.register_profile(
    "any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any-machine")

ENGINE = "tests/engine/"
CLOUD_OPTION = "--cloud"
OTHERS = "others"
"""All clouds but the first; of its stacks the growth alone."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        CLOUD_OPTION,
        choices=(*platforms.CLOUDS, OTHERS),
        default=platforms.DEFAULT,
        help="whose stacks live and grow on the engine; others: all but %(default)s, growth of all",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the engine's tests first."""
    items.sort(key=lambda item: not item.nodeid.startswith(ENGINE))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:  # noqa: ANN401
    """Hand out units of tests in the order of the collection."""
    # A plain run needs no xdist.
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    # Its own order is by the number of tests, which says nothing of how long they take.
    config.option.loadscopereorder = False
    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = unit
    return scheduler


def unit(nodeid: str) -> str:
    """What a test is handed out with: the tests of one unit run in one process, one by one."""
    file, _, test = nodeid.partition("::")
    _, bracket, parameters = test.partition("[")
    return file + bracket + parameters if file.startswith(ENGINE) else file
