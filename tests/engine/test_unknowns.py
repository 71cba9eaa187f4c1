"""A property that a rule reads and nobody knows yet blocks the preview: on the real engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine import unknowns
from tests.engine.engine import ROOT, Shell
from tests.engine.test_refusals import blocking_rules

PROJECT = f"""name: letta
runtime:
  name: python
  options: {{toolchain: pip, virtualenv: {ROOT / ".venv"}}}
"""


@pytest.mark.parametrize("batch", unknowns.batches())
def test_every_rule_refuses_what_it_cannot_see(batch: str, medium: Shell, tmp_path: Path) -> None:
    stack_file = medium.variant(tmp_path, {})
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text(PROJECT, encoding="utf-8")
    (folder / "__main__.py").write_text(
        f"from tests.engine.unknowns import main\n\nmain({batch!r})\n", encoding="utf-8"
    )
    preview = medium.pulumi("preview", "--cwd", folder, "--config-file", stack_file)
    assert not preview
    assert unknowns.batches()[batch] <= blocking_rules(preview.output), preview.output
    assert "can't run policy" not in preview.output
