"""A bad stack file: an exit status, one report, no traceback, nothing created."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.engine import Shell
from tests.infra.stack_files import BAD, Bad

SHOWN = BAD[::2]
"""Half of them: `tests/infra` holds all to their words, this the engine's behaviour."""


@pytest.mark.parametrize("bad", SHOWN, ids=lambda bad: bad.name)
def test_up_refuses_it_in_one_report(bad: Bad, medium: Shell, tmp_path: Path) -> None:
    stack_file = medium.variant(tmp_path, bad.change, merged=False)
    up = medium.pulumi("up", "--yes", "--config-file", stack_file)
    assert not up
    for word in bad.words:
        assert word in up.output, up.output
    diagnostics = up.output.partition("Diagnostics:")[2]
    assert diagnostics.count("error:") == 1, diagnostics
    assert "Traceback" not in up.output
    assert medium.objects() == 0


def test_yaml_that_does_not_parse_is_refused(medium: Shell, tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.medium.yaml"
    path.write_text("config:\n  letta:tier: [medium\n", encoding="utf-8")
    up = medium.pulumi("up", "--yes", "--config-file", path)
    assert not up
    assert "Traceback" not in up.output
    assert medium.objects() == 0


def test_an_empty_file_is_refused(medium: Shell, tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.medium.yaml"
    path.write_text("", encoding="utf-8")
    up = medium.pulumi("up", "--yes", "--config-file", path)
    assert not up
    assert "letta:tier: required" in up.output, up.output
    assert "Traceback" not in up.output


def test_a_zone_that_the_account_lacks_is_refused(medium: Shell, tmp_path: Path) -> None:
    ingress = {"domain": "letta.example.org", "hosted_zone": "example.org"}
    up = medium.pulumi(
        "up", "--yes", "--config-file", medium.variant(tmp_path, {"ingress": ingress})
    )
    assert not up
    assert "no public hosted zone example.org" in up.output, up.output
    assert "Traceback" not in up.output
    assert "Warning" not in up.output
    assert medium.objects() == 0
