"""A bad stack file: an exit status, one report, no traceback, nothing created."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra import checkout
from infra.settings import SettingsError
from tests.engine.engine import Shell
from tests.infra.loading import loaded
from tests.infra.stack_files import BAD, Bad

Change = dict[str, Any]


def both(one: Change, other: Change) -> Change | None:
    """Two changes of a file as one; None where they contradict each other."""
    merged = dict(one)
    for key, value in other.items():
        old = merged.get(key, value)
        if isinstance(old, dict) and isinstance(value, dict):
            inner = both(old, value)
            if inner is None:
                return None
            merged[key] = inner
        elif old != value:
            return None
        else:
            merged[key] = value
    return merged


@dataclass(frozen=True)
class Batch:
    """Mistakes that one report tells of together."""

    change: Change
    mistakes: tuple[Bad, ...]

    def with_(self, bad: Bad) -> Batch | None:
        """The batch with one more; None if a report tells less of them then."""
        change = both(self.change, bad.change)
        if change is None:
            return None
        mistakes = (*self.mistakes, bad)
        try:
            loaded({**COMMITTED, **change})
        except SettingsError as error:
            words = [word for mistake in mistakes for word in mistake.words]
            return Batch(change, mistakes) if all(word in str(error) for word in words) else None
        # Two mistakes that make a good file together.
        return None


COMMITTED = {
    key.removeprefix("letta:"): value
    for key, value in yaml.safe_load(checkout.file("medium").read_text(encoding="utf-8"))[
        "config"
    ].items()
}


def batches() -> list[Batch]:
    """All mistakes, in as few stack files as tell of each: `up` takes as long for one as for many.

    A relation between values is told where each is right by itself, so one file is not enough.
    """
    found: list[Batch] = []
    for bad in BAD:
        for position, batch in enumerate(found):
            larger = batch.with_(bad)
            if larger is not None:
                found[position] = larger
                break
        else:
            found.append(Batch(bad.change, (bad,)))
    return found


BATCHES = batches()


@pytest.mark.parametrize(
    "batch",
    BATCHES,
    ids=lambda batch: f"{batch.mistakes[0].name}, {len(batch.mistakes)} in all",
)
def test_up_refuses_it_in_one_report(batch: Batch, medium: Shell, tmp_path: Path) -> None:
    stack_file = medium.variant(tmp_path, batch.change, merged=False)
    up = medium.pulumi("up", "--yes", "--config-file", stack_file)
    assert not up
    for mistake in batch.mistakes:
        for word in mistake.words:
            assert word in up.output, up.output
    diagnostics = up.output.partition("Diagnostics:")[2]
    assert diagnostics.count("error:") == 1, diagnostics
    assert "Traceback" not in up.output
    assert medium.objects() == 0


def test_every_mistake_is_made_once() -> None:
    made = [mistake.name for batch in BATCHES for mistake in batch.mistakes]
    assert sorted(made) == sorted(bad.name for bad in BAD)


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
