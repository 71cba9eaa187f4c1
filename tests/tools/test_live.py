from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tools.setup import debian, live
from tools.setup.common import ROOT, UserError


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The installers' commands, recorded instead of run; all programs are on PATH."""
    commands: list[list[str]] = []
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()
    for name in live.PROGRAMS:
        (tmp_path / "bin" / name).touch(mode=0o755)

    def run(words: list[object]) -> None:
        commands.append([*map(str, words)])
        if "venv" in commands[-1]:
            (Path(commands[-1][-1]) / "bin").mkdir(parents=True)

    for module in (live, debian):
        monkeypatch.setattr(module, "run", run)
    # What the machine of the tests has is not what they are about.
    monkeypatch.setattr(debian, "SYSTEM_FOLDERS", (str(tmp_path / "sbin"),))
    monkeypatch.setattr(live, "uv_program", lambda: Path("uv"))
    return commands


def test_the_environment_is_made_once_from_its_lock_alone_and_apart_from_the_project_s(
    installed: list[list[str]], tmp_path: Path
) -> None:
    folder = live.ensure()
    assert folder.is_relative_to(tmp_path / "cache")
    [sync] = [words for words in installed if "sync" in words]
    assert sync[-1] == str(live.LOCK)
    assert "--require-hashes" in sync
    installed.clear()
    assert live.ensure() == folder
    assert installed == []


def test_what_was_left_half_made_is_made_anew(
    installed: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    left = live.environment() / "left"
    left.parent.mkdir(parents=True)
    left.touch()
    live.ensure()
    assert not left.exists()
    assert [words for words in installed if "sync" in words]


def test_another_lock_gets_an_environment_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = live.environment()
    other = tmp_path / "other.lock"
    other.write_text("letta==0.17.0")
    monkeypatch.setattr(live, "LOCK", other)
    assert live.environment() != before


def test_a_missing_program_is_installed_where_that_is_possible(
    installed: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "stunnel"
    program.unlink()
    monkeypatch.setattr(debian, "can_install", lambda: True)
    monkeypatch.setattr(debian, "install", lambda _packages: program.touch(mode=0o755))
    live.ensure()
    assert debian.missing(tuple(live.PROGRAMS)) == []


def test_a_program_that_is_only_on_the_administrator_s_path_is_not_missing(
    installed: list[list[str]], tmp_path: Path
) -> None:
    (tmp_path / "sbin").mkdir()
    (tmp_path / "bin" / "nginx").rename(tmp_path / "sbin" / "nginx")
    assert debian.missing(tuple(live.PROGRAMS)) == []


def test_who_may_not_install_it_is_told_what_to_install(
    installed: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    for name in ("stunnel", "redis-server"):
        (tmp_path / "bin" / name).unlink()
    with pytest.raises(UserError, match=r"apt-get install .* redis-server stunnel4`"):
        live.ensure()
    assert installed == []


def test_the_lock_is_written_as_of_its_date_without_any_address(
    installed: list[list[str]],
) -> None:
    live.lock()
    [words] = installed
    assert words[words.index("--exclude-newer") + 1] == live.AS_OF
    assert "--no-emit-index-url" in words


def test_the_lock_pins_the_server_with_hashes_and_names_no_place() -> None:
    text = live.LOCK.read_text(encoding="utf-8")
    pins = re.findall(r"^([\w.-]+)==(\S+).*\\\n +--hash=sha256:", text, re.MULTILINE)
    assert ("letta", "0.16.4") in pins
    assert len(pins) == len(re.findall(r"^[\w.-]+==", text, re.MULTILINE))
    assert "://" not in text
    assert str(ROOT) not in text
