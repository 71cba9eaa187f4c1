from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infra import platforms
from tools.setup import __main__ as entry
from tools.setup import environment
from tools.setup.common import ROOT, UserError


def pins(file: str) -> dict[str, str]:
    """Package and version of each entry of a lock."""
    found = re.findall(r"^([\w.-]+)==(\S+)", (ROOT / file).read_text(), re.MULTILINE)
    return dict(found)


@pytest.fixture
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment that has an interpreter and pip, and no stamp yet."""
    folder = tmp_path / ".venv"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    (folder / "bin" / "pip").write_text(f"#!{folder}/bin/python\n")
    monkeypatch.setattr(environment, "VENV", folder)
    monkeypatch.setattr(environment, "STAMP", folder / "stamp.json")
    return folder


@pytest.fixture
def installed(venv: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """The installer's commands, recorded instead of run."""
    commands: list[list[str]] = []
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(environment, "uv_program", lambda: Path("uv"))
    monkeypatch.setattr(environment, "run", lambda words: commands.append([*map(str, words)]))
    return commands


def locks_installed(commands: list[list[str]]) -> list[str]:
    return [
        Path(word).name
        for words in commands
        if "sync" in words
        for word in words
        if word.endswith(".lock")
    ]


@pytest.mark.parametrize("lock", [*environment.LOCKS])
def test_a_second_run_installs_nothing(installed: list[list[str]], lock: str) -> None:
    environment.ensure(lock)
    assert locks_installed(installed) == [environment.LOCKS[lock]]
    installed.clear()
    environment.ensure(lock)
    assert installed == []


def test_an_environment_for_tests_serves_to_deploy(installed: list[list[str]]) -> None:
    environment.ensure("development")
    installed.clear()
    environment.ensure("aws")
    assert installed == []


def test_an_environment_to_deploy_is_completed_for_tests(installed: list[list[str]]) -> None:
    environment.ensure("aws")
    installed.clear()
    environment.ensure("development")
    assert locks_installed(installed) == ["requirements-dev.lock"]


def test_after_a_change_of_the_locks_an_environment_for_tests_stays_one(
    installed: list[list[str]], venv: Path
) -> None:
    (venv / "stamp.json").write_text(json.dumps({"aws": "old", "development": "old"}))
    environment.ensure("aws")
    assert locks_installed(installed) == ["requirements-dev.lock"]


@pytest.mark.parametrize("stamp", ["", "{", "{}", '{"aws": "old"}'])
def test_an_install_that_was_cut_off_or_is_out_of_date_is_done_again(
    installed: list[list[str]], venv: Path, stamp: str
) -> None:
    (venv / "stamp.json").write_text(stamp)
    environment.ensure("aws")
    assert locks_installed(installed) == ["requirements.lock"]


def test_an_environment_that_was_left_half_changed_is_taken_for_nothing(
    installed: list[list[str]], venv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: list[str]) -> None:
        raise KeyboardInterrupt

    environment.ensure("aws")
    monkeypatch.setattr(environment, "run", fail)
    with pytest.raises(KeyboardInterrupt):
        environment.ensure("development")
    assert not (venv / "stamp.json").exists()


def test_an_environment_is_made_once_and_then_only_brought_up_to_date(
    installed: list[list[str]], venv: Path
) -> None:
    environment.ensure("aws")
    assert [words for words in installed if words[1] == "venv"] == []


@pytest.mark.parametrize("target", ["of another checkout", "gone"])
def test_an_environment_behind_a_link_is_left_alone(
    installed: list[list[str]], venv: Path, tmp_path: Path, target: str
) -> None:
    others = tmp_path / "others"
    venv.rename(others)
    venv.symlink_to(others if target == "of another checkout" else tmp_path / "nowhere")
    before = {path: path.lstat().st_mtime_ns for path in others.rglob("*")}
    with pytest.raises(UserError, match=r"is a link to .*Remove the link"):
        environment.ensure("aws")
    assert installed == []
    assert {path: path.lstat().st_mtime_ns for path in others.rglob("*")} == before


def lose_the_interpreter(venv: Path) -> None:
    (venv / "bin" / "python").unlink()


def leave_a_link_to_nowhere(venv: Path) -> None:
    lose_the_interpreter(venv)
    (venv / "bin" / "python").symlink_to(venv / "gone")


def move_it_here_from_elsewhere(venv: Path) -> None:
    (venv / "bin" / "pip").write_text("#!/elsewhere/.venv/bin/python\n")
    (venv / "stamp.json").write_text("{}")


def leave_pip_out(venv: Path) -> None:
    (venv / "bin" / "pip").unlink()
    (venv / "stamp.json").unlink()


@pytest.mark.parametrize(
    "damage",
    [
        lose_the_interpreter,
        leave_a_link_to_nowhere,
        move_it_here_from_elsewhere,
        leave_pip_out,
    ],
)
def test_an_environment_that_cannot_serve_is_made_anew_with_pip_in_it(
    installed: list[list[str]], venv: Path, damage: Callable[[Path], None]
) -> None:
    environment.ensure("aws")
    installed.clear()
    damage(venv)
    environment.ensure("aws")
    assert installed[0][1] == "venv"
    assert {"--seed", "--clear"} <= set(installed[0])


def test_an_environment_that_was_moved_is_not_fresh(
    installed: list[list[str]], venv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.ensure("aws")
    installed.clear()
    moved = venv.rename(venv.with_name("moved"))
    monkeypatch.setattr(environment, "VENV", moved)
    monkeypatch.setattr(environment, "STAMP", moved / "stamp.json")
    environment.ensure("aws")
    assert installed[0][1] == "venv"


def test_the_packages_are_installed_by_hash_and_compiled(installed: list[list[str]]) -> None:
    environment.ensure("aws")
    (sync,) = [words for words in installed if "sync" in words]
    assert {"--require-hashes", "--compile-bytecode"} <= set(sync)


@pytest.mark.parametrize("cloud", platforms.CLOUDS)
def test_the_development_lock_holds_all_of_each_cloud_s_in_the_same_versions(cloud: str) -> None:
    runtime, development = pins(environment.LOCKS[cloud]), pins("requirements-dev.lock")
    assert runtime.items() <= development.items()


@pytest.mark.parametrize("cloud", platforms.CLOUDS)
def test_a_cloud_s_lock_has_no_sdk_but_its_own(cloud: str) -> None:
    others = {f"pulumi-{other}" for other in platforms.CLOUDS} - {f"pulumi-{cloud}"}
    found = {name for name in pins(environment.LOCKS[cloud]) if name in others}
    # Clouds have clusters.
    assert found <= {"pulumi-kubernetes"}


def test_an_environment_that_served_one_cloud_goes_on_to_when_it_serves_a_second(
    installed: list[list[str]],
) -> None:
    environment.ensure("kubernetes")
    environment.ensure("aws")
    assert locks_installed(installed)[1:] == ["requirements.lock", "requirements-kubernetes.lock"]
    environment.ensure("kubernetes")
    assert len(locks_installed(installed)) == 3


def test_the_project_asks_for_no_version_of_pulumi_but_the_locked_one() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    asked = dict(re.findall(r'"(pulumi[\w-]*)==([^"]+)"', project))
    locked = pins("requirements-dev.lock")
    assert asked == {name: locked[name] for name in asked}
    assert "pulumi" in asked


@pytest.mark.parametrize(
    "file",
    [
        *environment.LOCKS.values(),
        "tools/setup/uv-requirements.txt",
        "tools/setup/build-constraints.txt",
    ],
)
def test_every_entry_of_a_lock_has_hashes_and_no_address(file: str) -> None:
    text = (ROOT / file).read_text()
    entries = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert "index" not in text


def test_pip_s_registry_is_used_by_uv_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "https://registry.example.com/simple")
    assert environment._environment()["UV_DEFAULT_INDEX"] == "https://registry.example.com/simple"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://chosen.example.com/simple")
    assert environment._environment()["UV_DEFAULT_INDEX"] == "https://chosen.example.com/simple"


def test_a_python_that_is_too_old_gets_one_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    assert entry.main([]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("error: Python 3.11 or newer is needed; ")
    assert "is 3.9.2" in told.err


def test_the_file_that_tells_so_can_be_read_by_an_old_python() -> None:
    for file in ("tools/__init__.py", "tools/setup/__init__.py", "tools/setup/__main__.py"):
        ast.parse((ROOT / file).read_text(), feature_version=(3, 7))
