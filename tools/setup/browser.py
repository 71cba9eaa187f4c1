"""Chromium, in which the tests look at the page that `letta-cloud cost --html` writes."""

from __future__ import annotations

import shutil
from pathlib import Path

from tools.setup import debian
from tools.setup.common import UserError, say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-dejavu-core")
"""A page without any font has no text to look at."""
ELSEWHERE = (
    "No Chromium is on PATH, and the tests of the cost page need one. Install it with your "
    "system's packages, or run `.venv/bin/playwright install chromium`."
)


def find() -> Path | None:
    """The system's Chromium or Chrome."""
    found = (shutil.which(name) for name in NAMES)
    return next((Path(program) for program in found if program), None)


def ensure() -> None:
    """Install Debian's package where that is possible, or say what to do.

    Set-up goes on without one: only the tests that need it fail.
    """
    if find() is not None:
        return
    if not debian.can_install():
        say(ELSEWHERE)
        return
    say("Installing Chromium, in which the tests look at the cost page ...")
    try:
        debian.install(PACKAGES)
    except UserError as error:
        say(f"{error}. {ELSEWHERE}")
