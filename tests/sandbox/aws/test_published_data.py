"""The data of the checks is what the published packages hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_committed_data_is_what_the_installed_packages_give() -> None:
    result = subprocess.run(
        [sys.executable, ROOT / "tools" / "refresh_sandbox_data.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, f"run tools/refresh_sandbox_data.py: {result.stderr}"
