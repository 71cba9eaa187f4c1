"""The data of the checks is what the published packages hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml

from sandbox.aws.checks import eks

ROOT = Path(__file__).parents[3]
ADDONS = ROOT / "sandbox" / "aws" / "data" / "eks_addons.yaml"


def test_the_committed_data_is_what_the_installed_packages_give() -> None:
    result = subprocess.run(
        [sys.executable, ROOT / "tools" / "refresh_sandbox_data.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, f"run tools/refresh_sandbox_data.py: {result.stderr}"


def test_every_add_on_has_a_version_for_every_version_of_kubernetes() -> None:
    for name, published in yaml.safe_load(ADDONS.read_text(encoding="utf-8")).items():
        assert tuple(published["versions"]) == eks.VERSIONS, name
        series = [version.split(".")[:2] for version in published["versions"].values()]
        assert ".".join(series[-1]) == f"v{published['series'][1]}", name
