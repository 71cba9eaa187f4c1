"""PostgreSQL parameters from memory: the formula of V1, and its limits on small servers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.aws.parameters import postgres_parameters

_GIB_KIB = 2**20


def _values(memory_gib: float) -> dict[str, int]:
    return {each.name: int(each.value) for each in postgres_parameters(memory_gib)}


@pytest.mark.parametrize(
    ("memory_gib", "shared_pages", "cache_pages", "maintenance_kib", "work_kib", "connections"),
    [
        (2, 65_536, 196_608, 262_144, 32_768, 181),
        (16, 524_288, 1_572_864, 1_048_576, 65_536, 1647),
        (128, 4_194_304, 12_582_912, 1_048_576, 65_536, 5000),
    ],
)
def test_memory_is_divided_by_the_formula(
    memory_gib: float,
    shared_pages: int,
    cache_pages: int,
    maintenance_kib: int,
    work_kib: int,
    connections: int,
) -> None:
    assert _values(memory_gib) == {
        "shared_buffers": shared_pages,
        "effective_cache_size": cache_pages,
        "maintenance_work_mem": maintenance_kib,
        "work_mem": work_kib,
        "max_parallel_workers_per_gather": 4,
        "max_connections": connections,
        "rds.force_ssl": 1,
    }


@given(st.floats(1, 1024))
def test_no_parameter_ever_takes_more_than_its_share(memory_gib: float) -> None:
    values = _values(memory_gib)
    memory_kib = memory_gib * _GIB_KIB
    assert values["shared_buffers"] * 8 <= memory_kib / 4
    assert values["effective_cache_size"] * 8 <= memory_kib * 3 / 4
    assert values["maintenance_work_mem"] <= min(_GIB_KIB, memory_kib / 8)
    assert values["work_mem"] <= min(64 * 1024, memory_kib / 64)


def test_what_postgres_reads_at_start_alone_is_never_applied_at_once() -> None:
    methods = {each.name: each.apply_method for each in postgres_parameters(16)}
    assert methods["shared_buffers"] == "pending-reboot"
    assert methods["max_connections"] == "pending-reboot"
    assert methods["work_mem"] == "immediate"
