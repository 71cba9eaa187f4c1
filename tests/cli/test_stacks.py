from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from cli import stacks
from cli.state import State
from tests.cli.conftest import SALT
from tools.setup.common import UserError


@pytest.mark.parametrize(
    "text",
    [
        "config:\n  letta:tier: medium\n",
        "config:\n  letta:tier: medium",
        "# only a remark\n",
        "{}",
        "# json\n{config: {'letta:tier': medium}}\n",
        '{\n  "config": {"letta:tier": "medium"}\n}\n',
        "",
        "\n\n",
    ],
)
def test_the_salt_is_added_and_nothing_else_changes(text: str) -> None:
    before = yaml.safe_load(text) or {}
    assert yaml.safe_load(stacks.salted(text, SALT)) == {**before, "encryptionsalt": SALT}


def test_the_user_s_lines_keep_their_numbers() -> None:
    text = "\n# first\nconfig:\n  letta:tier: medium\n"
    assert stacks.salted(text, SALT).startswith(text)


@pytest.mark.parametrize(
    "line", ["encryptionsalt: v1:own", "secretsprovider: awskms://alias/a", "encryptedkey: abc"]
)
def test_a_file_that_says_how_its_secrets_are_kept_stays_as_it_is(line: str) -> None:
    text = f"config:\n  letta:tier: medium\n{line}\n"
    assert stacks.salted(text, SALT) == text


def test_bytes_that_are_no_text_reach_the_engine_unchanged(state: State, tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.bad.yaml"
    file.write_bytes(b"config:\n  letta:tier: \xff\n")
    assert b"\xff" in stacks.refresh_copy(state, file).read_bytes()


def test_files_of_one_name_in_two_folders_have_two_copies(state: State, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.yaml").write_text(f"config: {{n: {folder}}}\n")
    copies = [stacks.refresh_copy(state, tmp_path / folder / "x.yaml") for folder in ("a", "b")]
    assert [yaml.safe_load(copy.read_text())["config"]["n"] for copy in copies] == ["a", "b"]


def test_only_the_owner_can_read_a_copy(state: State, tmp_path: Path) -> None:
    copy = stacks.refresh_copy(state, tmp_path / "absent.yaml")
    assert copy.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("stack", ["nosuch", "", "a b", "../medium"])
def test_an_unknown_stack_is_refused_with_those_that_exist(stack: str) -> None:
    with pytest.raises(UserError, match=r"the stacks are: .*medium") as refused:
        stacks.require_stack(stack)
    assert repr(stack) in str(refused.value)


def test_an_unknown_cloud_is_refused_with_those_that_exist() -> None:
    with pytest.raises(UserError, match="no cloud 'nimbus'; the clouds are: aws"):
        stacks.require_cloud("nimbus")
