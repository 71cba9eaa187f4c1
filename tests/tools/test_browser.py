from __future__ import annotations

import os
from pathlib import Path

import pytest

from tools.setup import browser

APT_GET = """#!/bin/sh
echo "$DEBIAN_FRONTEND $@" >> {folder}/asked
{installs}
"""
INSTALLS = '[ "$3" = install ] && touch {folder}/chromium && chmod +x {folder}/chromium; exit 0'


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all that PATH has besides a shell's own programs; no browser is in it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("env", "sh", "touch", "chmod"):
        (folder / name).symlink_to(Path("/usr/bin", name))
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return folder


def make_program(folder: Path, name: str, text: str = "#!/bin/sh\n") -> None:
    (folder / name).write_text(text)
    (folder / name).chmod(0o755)


def make_apt_get(folder: Path, installs: str = INSTALLS) -> None:
    make_program(
        folder, "apt-get", APT_GET.format(folder=folder, installs=installs.format(folder=folder))
    )


def asked(folder: Path) -> list[str]:
    file = folder / "asked"
    return file.read_text().splitlines() if file.exists() else []


@pytest.mark.parametrize("name", browser.NAMES)
def test_a_browser_on_path_is_used_and_nothing_is_installed(programs: Path, name: str) -> None:
    make_program(programs, name)
    make_apt_get(programs)
    browser.ensure()
    assert browser.find() == programs / name
    assert asked(programs) == []


def test_without_one_debian_s_package_is_installed_without_questions(programs: Path) -> None:
    make_apt_get(programs)
    browser.ensure()
    assert browser.find() == programs / "chromium"
    assert asked(programs) == [
        "noninteractive --quiet --quiet update",
        "noninteractive --quiet --quiet install --yes --no-install-recommends "
        + " ".join(browser.PACKAGES),
    ]


def test_who_may_not_install_it_is_told_how_to_get_one_and_set_up_goes_on(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    make_apt_get(programs)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    browser.ensure()
    assert asked(programs) == []
    assert capfd.readouterr().err == f"{browser.ELSEWHERE}\n"


def test_so_is_who_has_no_such_package(programs: Path, capfd: pytest.CaptureFixture[str]) -> None:
    make_apt_get(programs, installs="exit 100")
    browser.ensure()
    assert browser.find() is None
    assert browser.ELSEWHERE in capfd.readouterr().err
