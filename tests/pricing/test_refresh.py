"""The refresh command: what it writes, what it refuses, what it leaves."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from pricing.book import COLUMNS, load
from tests.pricing.price_lists import Web, aws_file, linux, row
from tools.refresh_prices import aws
from tools.refresh_prices.__main__ import main
from tools.refresh_prices.refresh import elsewhere
from tools.refresh_prices.source import Unreadable, fetch
from tools.setup.common import ROOT

FILE = aws.URL.format(offer="AmazonEC2", region="us-east-1")
ROWS = (
    "ec2,m5.large,us-east-1,hour,0.096,2025-01-02,an old list,third-party",
    'ec2,t3.medium,us-east-1,hour,0.0416,2025-01-02,"an old list, with a comma",third-party',
    "ec2,x9.large,us-east-1,hour,1,,recollection,memory",
    "sns,publish,us-east-1,1M requests,0.5,2025-01-02,an old list,third-party",
)
TODAY = datetime.datetime.now(tz=datetime.UTC).date()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "list").mkdir()
    text = "\n".join([",".join(COLUMNS), *ROWS]) + "\n"
    (tmp_path / "list" / "aws.csv").write_text(text, encoding="utf-8")
    return tmp_path


def _web(large: str, medium: str = "0.0416000000") -> Web:
    entries = linux("BoxUsage:m5.large", large), linux("BoxUsage:t3.medium", medium)
    return Web({FILE: aws_file(*entries)})


def _lines(folder: Path) -> list[str]:
    return (folder / "list" / "aws.csv").read_text(encoding="utf-8").splitlines()[1:]


def _refresh(folder: Path, web: Web, *arguments: str) -> int:
    return main(["--cloud", "aws", *arguments], web.fetch, folder)


def test_a_row_that_is_found_gets_price_date_source_and_trust(folder: Path) -> None:
    assert _refresh(folder, _web("0.1080000000")) == 0
    price = load("list", folder).price("ec2", "m5.large", "us-east-1")
    assert f"{price.usd}" == "0.108"
    assert price.as_of == TODAY
    assert price.source == "AWS Price List, AmazonEC2 us-east-1, BoxUsage:m5.large"
    assert price.trust == "api"


def test_a_row_that_is_found_unchanged_is_as_of_today(folder: Path) -> None:
    _refresh(folder, _web("0.096"))
    assert _lines(folder)[1] == (
        f"ec2,t3.medium,us-east-1,hour,0.0416,{TODAY},"
        '"AWS Price List, AmazonEC2 us-east-1, BoxUsage:t3.medium",api'
    )


def test_rows_that_no_list_has_stay_to_the_letter_and_are_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _refresh(folder, _web("0.096"))
    assert _lines(folder)[2:] == list(ROWS[2:])
    told = capsys.readouterr().out
    assert "ec2 x9.large us-east-1: the price list has no such entry" in told
    assert "sns: no price list is read for 1 of its rows" in told
    assert "2 of 4 rows are as of" in told


@pytest.mark.parametrize(
    ("price", "refused"),
    [("0.12", False), ("0.1201", True), ("0.072", False), ("0.0719", True), ("0", True)],
)
def test_a_jump_of_more_than_a_quarter_either_way_is_refused(
    folder: Path, price: str, *, refused: bool
) -> None:
    assert _refresh(folder, _web(price)) == int(refused)
    assert (_lines(folder) == list(ROWS)) is refused


def test_a_refusal_names_every_jump_and_writes_no_row_at_all(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _refresh(folder, _web("0.2", "0.5")) == 1
    assert _lines(folder) == list(ROWS)
    told = capsys.readouterr().err
    assert "ec2 m5.large us-east-1: 0.096 -> 0.2 a hour" in told
    assert "ec2 t3.medium us-east-1: 0.0416 -> 0.5 a hour" in told
    assert "2 prices change by more than 25%: nothing is written" in told


def test_a_jump_that_somebody_accepts_is_written(folder: Path) -> None:
    assert _refresh(folder, _web("0.2"), "--accept-jumps") == 0
    assert f"{load('list', folder).price('ec2', 'm5.large', 'us-east-1').usd}" == "0.2"


def test_a_price_that_was_zero_may_not_become_one_unseen(folder: Path) -> None:
    file = folder / "list" / "aws.csv"
    file.write_text(file.read_text("utf-8").replace(",0.096,", ",0,"), encoding="utf-8")
    before = _lines(folder)
    assert _refresh(folder, _web("0.096")) == 1
    assert _lines(folder) == before


def test_a_list_that_cannot_be_read_keeps_its_rows_and_fails(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _refresh(folder, Web({})) == 1
    assert _lines(folder) == list(ROWS)
    assert "ec2 m5.large us-east-1: nobody.example answers 404" in capsys.readouterr().out


def _two_regions() -> Web:
    frankfurt = aws_file(linux("EUC1-BoxUsage:m5.large", "0.115"))
    answers = {FILE: _web("0.096").answers[FILE]}
    return Web(answers | {aws.URL.format(offer="AmazonEC2", region="eu-central-1"): frankfurt})


def test_a_region_that_is_added_gets_what_its_list_has_and_says_what_it_lacks(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _refresh(folder, _two_regions(), "--add-region", "eu-central-1") == 0
    assert _lines(folder)[3] == (
        f"ec2,m5.large,eu-central-1,hour,0.115,{TODAY},"
        '"AWS Price List, AmazonEC2 eu-central-1, BoxUsage:m5.large",api'
    )
    assert [line.split(",")[:3] for line in _lines(folder)[:3]] == [
        ["ec2", "m5.large", "us-east-1"],
        ["ec2", "t3.medium", "us-east-1"],
        ["ec2", "x9.large", "us-east-1"],
    ]
    assert _lines(folder)[4:] == [ROWS[3]]
    told = capsys.readouterr().out
    assert "lacks  ec2 t3.medium eu-central-1: the price list has no such entry" in told
    assert "1 rows of eu-central-1 are new" in told


def test_a_region_is_asked_for_what_the_home_region_has_and_for_nothing_else() -> None:
    rows = [
        row("ec2", "m5.large", "us-east-1"),
        row("ec2", "c5.large", "us-west-2"),
        row("acm", "public-certificate", "any", "certificate"),
    ]
    assert elsewhere(rows, "us-east-1", ["eu-central-1"]) == (
        row("ec2", "m5.large", "eu-central-1"),
    )


def test_a_region_that_was_added_is_refreshed_and_not_added_again(folder: Path) -> None:
    for _ in range(2):
        assert _refresh(folder, _two_regions(), "--add-region", "eu-central-1") == 0
    assert len(_lines(folder)) == len(ROWS) + 1


def test_a_region_that_nobody_knows_is_not_asked_for(folder: Path) -> None:
    web = _two_regions()
    with pytest.raises(SystemExit):
        _refresh(folder, web, "--add-region", "eu-centrall-1")
    assert web.asked == []
    assert _lines(folder) == list(ROWS)


def test_a_book_with_a_bad_row_is_not_refreshed(folder: Path) -> None:
    with (folder / "list" / "aws.csv").open("a", encoding="utf-8") as file:
        file.write("ec2,m6i.large,us-east-1,hour,-1,,x,api\n")
    web = _web("0.096")
    with pytest.raises(ValueError, match=r"aws.csv:6: usd -1"):
        _refresh(folder, web)
    assert web.asked == []


def test_a_price_list_is_asked_over_https_only() -> None:
    with (
        pytest.raises(Unreadable, match=r"prices\.example is asked over https only"),
        fetch("http://prices.example/secret", {}),
    ):
        pass


def test_nothing_that_runs_at_preview_can_reach_a_price_list() -> None:
    reached = [
        str(file.relative_to(ROOT))
        for package in ("cli", "components", "infra", "policies", "pricing", "sandbox")
        for file in (ROOT / package).rglob("*.py")
        if "refresh_prices" in file.read_text(encoding="utf-8")
    ]
    assert reached == []
