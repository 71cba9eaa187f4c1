from __future__ import annotations

import subprocess
import sys

import pytest

from tools.setup.common import ROOT


@pytest.mark.parametrize(
    "module",
    ["cli.deployment", "cli.live", "cli.simulation", "sandbox.server", "tools.setup.steps"],
)
def test_nothing_of_the_live_sandbox_is_imported_unless_it_is_asked_for(module: str) -> None:
    code = (
        f"import sys, {module}; "
        "print([n for n in sys.modules if n.startswith('sandbox.') and '.live' in n])"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert said == "[]\n"
