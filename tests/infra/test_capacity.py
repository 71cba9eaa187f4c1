from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.aws import catalog
from infra import capacity
from infra.tiers import TIERS, Workload

COUNTS = st.integers(min_value=1, max_value=1000)
PERCENTS = st.integers(min_value=100, max_value=400)


def test_the_sources_own_example_needs_about_seven_gigabytes() -> None:
    example = Workload(agents=1000, messages_per_agent=10_000)
    assert capacity.database_gib(example, months=1) * 1.073741824 == pytest.approx(7, rel=0.15)


def test_archival_memories_take_sixteen_kibibytes_each() -> None:
    without = Workload(agents=1000, messages_per_agent=0)
    with_memories = without.model_copy(update={"memories_per_agent": 1000})
    added = capacity.database_gib(with_memories) - capacity.database_gib(without)
    assert added == pytest.approx(1_000_000 * 16 / 2**20)


@pytest.mark.parametrize("tier", TIERS)
def test_every_tier_holds_the_workload_it_is_meant_for(tier: str) -> None:
    sizes = TIERS[tier]
    assert capacity.database_storage_gib(sizes.workload) <= sizes.database.storage_gib


@given(
    agents=st.integers(1, 10**6),
    messages=st.integers(0, 10**5),
    memories=st.integers(0, 10**5),
    more=st.integers(1, 1000),
)
def test_storage_grows_with_everything_it_holds(
    agents: int, messages: int, memories: int, more: int
) -> None:
    def storage(**changes: int) -> float:
        sizes = {
            "agents": agents,
            "messages_per_agent": messages,
            "memories_per_agent": memories,
            **changes,
        }
        return capacity.database_gib(Workload(**sizes))

    assert storage(agents=agents + more) > storage()
    assert storage(messages_per_agent=messages + more) > storage()
    assert storage(memories_per_agent=memories + more) > storage()


def test_a_rolling_deploy_rounds_up_and_never_runs_fewer_than_wanted() -> None:
    assert capacity.rolling_copies(10, 200) == 20
    assert capacity.rolling_copies(3, 150) == 5
    assert capacity.rolling_copies(1, 100) == 1
    assert capacity.rolling_copies(4, 50) == 4


@given(copies=COUNTS, percent=PERCENTS)
def test_more_copies_or_percent_never_run_fewer(copies: int, percent: int) -> None:
    assert capacity.rolling_copies(copies + 1, percent) >= capacity.rolling_copies(copies, percent)
    assert capacity.rolling_copies(copies, percent + 1) >= capacity.rolling_copies(copies, percent)
    assert capacity.rolling_copies(copies, percent) >= copies


def test_a_machine_holds_what_its_scarcest_resource_holds() -> None:
    def held(**changes: float | None) -> int:
        sizes = {
            "usable_vcpus": 2.0,
            "usable_mib": capacity.usable_memory_mib(8),
            "copy_vcpus": 1.0,
            "copy_memory_mib": 3584,
            "addresses": 2,
            **changes,
        }
        return capacity.copies_per_machine(**sizes)  # type: ignore[arg-type]

    assert held() == 2
    assert held(copy_vcpus=2.0) == 1
    assert held(copy_memory_mib=4096) == 1, "the host keeps a part of the memory"
    assert held(addresses=1) == 1
    assert held(addresses=None, copy_vcpus=0.0, copy_memory_mib=512) == 14
    assert held(copy_memory_mib=9000) == 0


@given(
    vcpus=st.integers(1, 64),
    memory_gib=st.floats(1, 256),
    copy_vcpus=st.floats(0.25, 8),
    copy_memory_mib=st.integers(128, 16384),
)
def test_larger_machines_hold_no_less_and_larger_copies_fit_no_more(
    vcpus: int, memory_gib: float, copy_vcpus: float, copy_memory_mib: int
) -> None:
    def held(vcpus: int, memory_gib: float, copy_vcpus: float, copy_memory_mib: int) -> int:
        return capacity.copies_per_machine(
            usable_vcpus=vcpus,
            usable_mib=capacity.usable_memory_mib(memory_gib),
            copy_vcpus=copy_vcpus,
            copy_memory_mib=copy_memory_mib,
            addresses=None,
        )

    now = held(vcpus, memory_gib, copy_vcpus, copy_memory_mib)
    assert held(vcpus + 1, memory_gib, copy_vcpus, copy_memory_mib) >= now
    assert held(vcpus, memory_gib + 1, copy_vcpus, copy_memory_mib) >= now
    assert held(vcpus, memory_gib, copy_vcpus + 1, copy_memory_mib) <= now
    assert held(vcpus, memory_gib, copy_vcpus, copy_memory_mib + 64) <= now


@given(copies=COUNTS, processes=st.integers(1, 8), pool=COUNTS, overflow=st.integers(0, 100))
def test_connections_grow_with_each_of_their_factors(
    copies: int, processes: int, pool: int, overflow: int
) -> None:
    def opened(**changes: int) -> int:
        factors = {
            "copies": copies,
            "processes": processes,
            "pool_size": pool,
            "max_overflow": overflow,
            **changes,
        }
        return capacity.connections(**factors)

    assert opened(copies=copies + 1) > opened()
    assert opened(processes=processes + 1) > opened()
    assert opened(pool_size=pool + 1) > opened()
    assert opened(max_overflow=overflow + 1) > opened()


@given(limit=st.integers(0, 5000))
def test_the_connection_limit_keeps_a_reserve_and_grows_with_the_database(limit: int) -> None:
    assert 0 <= capacity.connection_limit(limit) <= max(0, limit - 15)
    assert capacity.connection_limit(limit + 10) >= capacity.connection_limit(limit)
    assert capacity.connection_limit(limit + 10, 15) == capacity.connection_limit(limit)


@pytest.mark.parametrize("tier", TIERS)
def test_the_reserve_is_less_than_a_tenth_of_every_tier_s_database(tier: str) -> None:
    accepted = catalog.max_connections(TIERS[tier].database.memory_gib)
    assert capacity.connection_limit(accepted) >= 0.9 * accepted
