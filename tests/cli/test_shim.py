from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from cli import shim, stacks
from cli.state import State
from infra import checkout as checkout_files
from tests.cli.conftest import SALT

VARIABLE = "PULUMI_OPTION_CONFIG_FILE"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with two stacks, medium being the one that `make env` was asked for."""
    root = tmp_path / "checkout"
    root.mkdir()
    for stack in ("small", "medium"):
        (root / f"Pulumi.{stack}.yaml").write_text(f"config:\n  letta:tier: {stack}\n")
    monkeypatch.setattr(checkout_files, "ROOT", root)
    monkeypatch.setattr(checkout_files, "FOLDER", root / "stacks")
    monkeypatch.setattr(shim, "ROOT", root)
    return root


def adapted(
    state: State, directory: Path, arguments: Sequence[str]
) -> tuple[list[str], dict[str, str]]:
    """What the engine gets in a shell after `make env STACK=medium`."""
    exported = {VARIABLE: "medium's copy", "PULUMI_STACK": "medium", "HOME": "/home/a"}
    return shim.adapted(arguments, exported, state=state, directory=directory)


def tier(file: str) -> str:
    document = yaml.safe_load(Path(file).read_text())
    assert document["encryptionsalt"] == SALT
    return str(document["config"]["letta:tier"])


def test_an_edit_of_the_stack_file_counts_in_the_next_command(state: State, checkout: Path) -> None:
    adapted(state, checkout, ["preview"])
    (checkout / "Pulumi.medium.yaml").write_text("config:\n  letta:tier: edited\n")
    _, environment = adapted(state, checkout, ["preview"])
    assert tier(environment[VARIABLE]) == "edited"


@pytest.mark.parametrize(
    "words",
    [
        ["--stack", "small"],
        ["--stack=small"],
        ["-s", "small"],
        ["-s=small"],
        ["-ssmall"],
        ["--stack", "organization/letta/small"],
        ["--stack", "medium", "--stack", "small"],
    ],
)
def test_the_stack_that_the_command_names_is_the_one_configured(
    state: State, checkout: Path, words: list[str]
) -> None:
    arguments, environment = adapted(state, checkout, ["up", "--yes", *words])
    assert tier(environment[VARIABLE]) == "small"
    assert arguments == ["up", "--yes", *words]


def test_a_command_below_the_root_is_treated_alike(state: State, checkout: Path) -> None:
    (checkout / "infra").mkdir()
    _, environment = adapted(state, checkout / "infra", ["preview"])
    assert tier(environment[VARIABLE]) == "medium"


@pytest.mark.parametrize("form", [["--config-file", "my.yaml"], ["--config-file=my.yaml"]])
def test_a_config_file_is_copied_so_the_engine_writes_no_salt_into_it(
    state: State, checkout: Path, form: list[str]
) -> None:
    mine = checkout / "my.yaml"
    mine.write_text("config:\n  letta:tier: mine\n")
    arguments, environment = adapted(state, checkout, ["preview", *form, "--diff"])
    copy = str(stacks.copy_of(state, mine))
    assert tier(copy) == "mine"
    assert arguments == ["preview", *(word.replace("my.yaml", copy) for word in form), "--diff"]
    assert environment[VARIABLE] == copy
    assert mine.read_text() == "config:\n  letta:tier: mine\n"


def test_a_config_file_is_looked_for_where_the_engine_would(state: State, checkout: Path) -> None:
    (checkout / "infra").mkdir()
    (checkout / "infra" / "my.yaml").write_text("config:\n  letta:tier: below\n")
    arguments, _ = adapted(state, checkout, ["-C", "infra", "preview", "--config-file", "my.yaml"])
    assert tier(arguments[-1]) == "below"


def test_a_config_file_that_is_not_there_is_left_to_the_engine(
    state: State, checkout: Path
) -> None:
    words = ["preview", "--config-file", "absent.yaml"]
    assert adapted(state, checkout, words)[0] == words


@pytest.mark.parametrize(
    "words",
    [
        ["config", "set", "letta:budget", "9"],
        ["-C", ".", "config", "set", "letta:budget", "9"],
        ["--color", "never", "config"],
        ["--non-interactive", "config", "rm", "letta:budget"],
    ],
)
def test_config_commands_work_on_the_stack_file_itself(
    state: State, checkout: Path, words: list[str]
) -> None:
    arguments, environment = adapted(state, checkout, words)
    assert VARIABLE not in environment
    assert arguments == words


def test_config_commands_find_the_file_of_another_cloud(state: State, checkout: Path) -> None:
    folder = checkout / "stacks" / "kubernetes"
    folder.mkdir(parents=True)
    (folder / "Pulumi.small.yaml").write_text("config:\n  letta:tier: small\n")
    words = ["config", "set", "letta:budget", "9", "--stack", "small-kubernetes"]
    arguments, environment = adapted(state, checkout, words)
    assert environment[VARIABLE] == str(folder / "Pulumi.small.yaml")
    assert arguments == words
    _, environment = adapted(state, checkout, ["preview", "--stack", "small-kubernetes"])
    assert tier(environment[VARIABLE]) == "small"


def test_a_stack_named_config_is_not_taken_for_the_command(state: State, checkout: Path) -> None:
    _, environment = adapted(state, checkout, ["--stack=config", "preview"])
    assert VARIABLE in environment


def test_another_project_is_not_given_this_one_s_configuration(
    state: State, checkout: Path, tmp_path: Path
) -> None:
    for words, directory in ((["preview"], tmp_path), (["-C", str(tmp_path), "up"], checkout)):
        assert VARIABLE not in adapted(state, directory, words)[1]


def test_a_passphrase_of_the_user_s_does_not_reach_the_engine(state: State, checkout: Path) -> None:
    _, environment = shim.adapted(
        ["preview"], {"PULUMI_CONFIG_PASSPHRASE": "theirs"}, state=state, directory=checkout
    )
    assert "PULUMI_CONFIG_PASSPHRASE" not in environment
