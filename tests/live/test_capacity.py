"""How much memory is free, by what Linux says of the machine and of control groups."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.live import capacity

MIB = 1024 * 1024
MACHINE_MIB = 8000


@pytest.fixture
def hierarchies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of control groups, on a machine with much free memory."""
    memory = tmp_path / "meminfo"
    memory.write_text(f"MemTotal: 9 kB\nMemAvailable: {MACHINE_MIB * 1024} kB\n")
    monkeypatch.setattr(capacity, "_MEMORY", memory)
    monkeypatch.setattr(capacity, "_GROUPS", tmp_path / "groups")
    monkeypatch.setattr(capacity, "_HIERARCHIES", tmp_path / "cgroup")
    (tmp_path / "groups").write_text("4:cpu,cpuacct:/a\n3:memory:/a/b\n0::/a/b\n")
    return tmp_path / "cgroup"


def bound(
    folder: Path, limit: str, used_mib: int, names: tuple[str, str], cached_mib: int = 0
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / names[0]).write_text(f"{limit}\n")
    (folder / names[1]).write_text(f"{used_mib * MIB}\n")
    (folder / "memory.stat").write_text(f"anon 1\ninactive_file {cached_mib * MIB}\n")


SECOND = ("memory.max", "memory.current")
FIRST = ("memory.limit_in_bytes", "memory.usage_in_bytes")


def test_without_a_limit_it_is_the_machine_s(hierarchies: Path) -> None:
    bound(hierarchies / "a", "max", 1000, SECOND)
    assert capacity.available_mib() == MACHINE_MIB


@pytest.mark.parametrize("group", ["a/b", "a", "."])
def test_a_limit_of_the_process_s_own_group_or_of_one_around_it_holds(
    hierarchies: Path, group: str
) -> None:
    bound(hierarchies / group, str(2000 * MIB), 500, SECOND)
    assert capacity.available_mib() == 1500


@pytest.mark.parametrize("group", ["a/b", "a", "."])
def test_so_it_does_in_the_first_version_of_control_groups(hierarchies: Path, group: str) -> None:
    bound(hierarchies / "memory" / group, str(2000 * MIB), 500, FIRST)
    assert capacity.available_mib() == 1500


def test_the_least_of_several_limits_holds(hierarchies: Path) -> None:
    bound(hierarchies / "a" / "b", str(4000 * MIB), 500, SECOND)
    bound(hierarchies / "a", str(3000 * MIB), 1000, SECOND)
    assert capacity.available_mib() == 2000


def test_files_that_nobody_reads_make_room(hierarchies: Path) -> None:
    bound(hierarchies, str(2000 * MIB), 500, SECOND, cached_mib=300)
    assert capacity.available_mib() == 1800


def test_what_this_machine_says_is_understood() -> None:
    assert capacity.available_mib() > 0
