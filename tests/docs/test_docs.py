"""The pages say what the code does."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from infra import platforms
from policies.rules import RULES
from tools import tier_table

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/README.md")])
DEPLOYER = sorted((ROOT / "docs" / "aws").glob("deployer-*.json"))
MANAGED_POLICY_LIMIT = 6144
"""Characters of a managed policy, white space not counted (IAM user guide, "Quotas")."""
LONGEST = {"${Region}": "ap-southeast-2", "${Account}": "1" * 12, "${HostedZoneId}": "Z" * 32}
"""What a user puts in place of each variable, at its longest."""


def test_the_readmes_tier_table_is_the_codes() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert tier_table.rendered(text) == text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_a_page_links_or_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    linked = [
        page.parent / target
        for target in re.findall(r"\]\(([^)#\s]+)\)", text)
        if "://" not in target
    ]
    roots = "infra|components|policies|sandbox|cli|tests|tools|docs"
    named = [ROOT / path for path in re.findall(rf"`((?:{roots})/[\w./-]+\.\w+)`", text)]
    assert [path for path in [*linked, *named] if not path.exists()] == []


def test_every_rule_that_a_page_names_exists() -> None:
    rules = {rule.name for rule in RULES}
    named = {
        rule
        for page in ("docs/letta.md", "docs/requirements.md")
        for cell in re.findall(
            r"rules? ((?:`[a-z0-9-]+`(?:, )?)+)", (ROOT / page).read_text(encoding="utf-8")
        )
        for rule in re.findall(r"`([a-z0-9-]+)`", cell)
    }
    assert named
    assert named <= rules


@pytest.mark.parametrize("path", DEPLOYER, ids=lambda path: path.stem)
def test_the_deployers_policies_fit_and_name_their_actions(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for variable, value in LONGEST.items():
        text = text.replace(variable, value)
    assert "$" not in text
    policy = json.loads(text)
    assert len(json.dumps(policy, separators=(",", ":"))) <= MANAGED_POLICY_LIMIT
    actions = [action for statement in policy["Statement"] for action in statement["Action"]]
    assert not [action for action in actions if "*" in action]
    assert len({statement["Sid"] for statement in policy["Statement"]}) == len(policy["Statement"])


def test_the_page_attaches_every_policy_of_the_deployer() -> None:
    page = (ROOT / "docs" / "aws" / "README.md").read_text(encoding="utf-8")
    found = re.search(r"^for part in ([\w -]+); do$", page, re.MULTILINE)
    assert found
    assert {f"deployer-{part}" for part in found[1].split()} == {path.stem for path in DEPLOYER}


def test_the_readmes_own_commands_exist() -> None:
    targets = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in set(re.findall(r"make (?:-s )?([a-z]+(?:-[a-z]+)*)", readme)):
        assert re.search(rf"^  {target} ", targets, re.MULTILINE), target


@pytest.mark.parametrize("cloud", platforms.CLOUDS)
def test_the_readme_leads_to_every_cloud_and_says_that_a_stack_file_may_name_it(cloud: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"(docs/{cloud}/README.md)" in readme or f"(docs/{cloud}.md)" in readme
    named = re.search(r"^  letta:cloud: (.*)$", readme, re.MULTILINE)
    assert named
    assert cloud in re.findall(r"\w+", named[1])
