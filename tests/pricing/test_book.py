"""Price books: all committed rows hold, bad ones are named, a missing one is never guessed."""

from __future__ import annotations

import csv
import datetime
from collections import defaultdict
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from components.aws import sizes
from components.aws.sizes import EMBEDDING_MACHINES, GPU_MACHINES, OLLAMA_MACHINE
from pricing.book import BOOKS, COLUMNS, FOLDER, BadBook, Book, Price, PriceMissing, load

GOOD = {
    "service": "ec2",
    "sku": "m5.large",
    "region": "us-east-1",
    "unit": "hour",
    "usd": "0.096",
    "as_of": "2026-07-20",
    "source": "a price list",
    "trust": "api",
}
TOMORROW = datetime.datetime.now(tz=datetime.UTC).date() + datetime.timedelta(days=1)

Written = Callable[..., Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Writes rows, each by what differs from a good one, as the book `mine`; gives the folder."""

    def write(*rows: dict[str, str], heading: Sequence[str] = COLUMNS) -> Path:
        with (tmp_path / "mine.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(heading)
            table.writerows([{**GOOD, **row}[column] for column in COLUMNS] for row in rows)
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ({"usd": "-0.1"}, "not negative"),
        ({"usd": "cheap"}, "'cheap' is no number"),
        ({"usd": "NaN"}, "finite"),
        ({"usd": "Infinity"}, "finite"),
        ({"usd": ""}, "usd '' is no number"),
        ({"unit": "hours"}, "unit 'hours' is not in pricing/units.py; is it hour?"),
        ({"unit": ""}, "unit '' is not in"),
        ({"region": "eu-centrall-1"}, "is it eu-central-1?"),
        ({"region": "EU (Frankfurt)"}, "is not in pricing/regions.py"),
        ({"as_of": "2026-02-30"}, "is no date"),
        ({"as_of": "July"}, "is no date"),
        ({"as_of": "20260720"}, "is no date"),
        ({"as_of": TOMORROW.isoformat()}, "lies in the future"),
        ({"trust": "certain"}, "trust 'certain' is none of api, quoted"),
        ({"source": ""}, "must be filled"),
        ({"service": ""}, "must be filled"),
        ({"sku": " m5.large"}, "without spaces around"),
    ],
)
def test_a_bad_row_is_refused_by_file_line_and_reason(
    written: Written, cell: dict[str, str], says: str
) -> None:
    with pytest.raises(BadBook) as refusal:
        load("mine", written({"sku": "t3.medium"}, cell))
    assert "mine.csv:3: " in str(refusal.value)
    assert says in str(refusal.value)


def test_a_row_that_stands_twice_is_refused_with_both_places(written: Written) -> None:
    with pytest.raises(BadBook, match=r"mine.csv:3: ec2 m5.large us-east-1 .* mine.csv:2"):
        load("mine", written({}, {"usd": "0.1"}))


def test_a_row_that_stands_in_two_files_of_a_book_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    row = ",".join(GOOD.values())
    for name in ("a.csv", "b.csv"):
        (folder / name).write_text(f"{','.join(COLUMNS)}\n{row}\n", encoding="utf-8")
    with pytest.raises(BadBook, match=r"b.csv:2: .* stands already in a.csv:2"):
        load("mine", tmp_path)


@pytest.mark.parametrize("cells", ["ec2,m5.large", "ec2,m5.large,us-east-1,hour,1,,x,api,more", ""])
def test_a_line_with_another_number_of_cells_is_refused(tmp_path: Path, cells: str) -> None:
    text = f"{','.join(COLUMNS)}\n{cells}\n"
    (tmp_path / "mine.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadBook, match=r"mine.csv:2: \d cells, not 8"):
        load("mine", tmp_path)


def test_a_file_with_other_columns_is_refused(written: Written) -> None:
    with pytest.raises(BadBook, match="the columns must be service,sku,region"):
        load("mine", written({}, heading=("service", "sku", "price")))


def test_all_bad_rows_are_named_at_once(written: Written) -> None:
    with pytest.raises(BadBook) as refusal:
        load(
            "mine",
            written({"usd": "-1", "unit": "yard"}, {"sku": "x"}, {"sku": "y", "trust": "no"}),
        )
    assert [line.split(": ")[0] for line in str(refusal.value).splitlines()[1:]] == [
        "mine.csv:2",
        "mine.csv:2",
        "mine.csv:4",
    ]


@pytest.mark.parametrize("name", ["liste", "", ".", "list/aws", "../books/list"])
def test_an_unknown_book_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(BadBook, match=r"no price book is called .*; there are source-2025, list"):
        load(name)


@pytest.mark.parametrize("name", BOOKS)
def test_every_committed_row_loads(name: str) -> None:
    book = load(name)
    files = [*(FOLDER / name).glob("*.csv"), *FOLDER.glob(f"{name}.csv")]
    lines = sum(len(file.read_text(encoding="utf-8").splitlines()) - 1 for file in files)
    assert len(book.rows) == lines > 100


def test_a_service_of_the_list_book_stands_in_one_file_only() -> None:
    """Otherwise two clouds' prices of one name would be taken for each other."""
    files: dict[str, set[str]] = defaultdict(set)
    for file in (FOLDER / "list").glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as text:
            for row in csv.DictReader(text):
                files[row["service"]].add(file.name)
    assert {service: names for service, names in files.items() if len(names) > 1} == {}


def test_the_book_of_the_document_holds_nothing_newer_than_the_document() -> None:
    book = load("source-2025")
    assert {row.as_of for row in book.rows} == {datetime.date(2025, 2, 12)}
    assert all(row.source.startswith("requirements document, section ") for row in book.rows)


@pytest.mark.parametrize(
    ("service", "sku", "unit", "usd"),
    [
        ("openai", "gpt-4.1-mini:input", "1M input tokens", "0.15"),
        ("openai", "gpt-4.1-mini:cache-read", "1M cached-read tokens", "0.075"),
        ("anthropic", "claude-haiku-4-5:cache-read", "1M cached-read tokens", "0.025"),
        ("s3", "standard-first-50TB", "GB-month", "0.023"),
        ("ebs", "gp3", "GB-month", "0.08"),
        ("ec2", "p4d.24xlarge", "hour", "32.77"),
        ("pinecone", "standard", "1M vectors", "96"),
    ],
)
def test_the_book_of_the_document_says_what_the_document_says(
    service: str, sku: str, unit: str, usd: str
) -> None:
    price = load("source-2025").price(service, sku, "us-east-1")
    assert (price.unit, price.usd) == (unit, Decimal(usd))


MACHINES = sorted(
    {*GPU_MACHINES, OLLAMA_MACHINE, *EMBEDDING_MACHINES.values()}.union(
        *(table.values() for table in sizes.MACHINES.values())
    )
)
CLASSES = sorted(set().union(*(table.values() for table in sizes.DATABASES.values())))


SIZES = (
    *(("ec2", name) for name in MACHINES),
    *(("rds-postgres", f"{name}:{z}") for name in CLASSES for z in ("single-az", "multi-az")),
    *(("elasticache-redis", name) for name in sorted(set(sizes.CACHES.values()))),
)


@pytest.mark.parametrize("term", ["", ":reserved-1y", ":reserved-3y"])
def test_every_size_of_the_tables_has_a_price_for_every_term(term: str) -> None:
    book = load("list")
    prices = [book.price(service, sku + term, "us-east-1") for service, sku in SIZES]
    assert all(price.usd > 0 for price in prices)


def test_what_is_reserved_costs_less_than_on_demand_and_longer_less_than_shorter() -> None:
    book = load("list")
    prices = {(row.service, row.sku, row.region): row.usd for row in book.rows}
    shares = []
    for (service, sku, region), usd in prices.items():
        name, _, years = sku.partition(":reserved-")
        if years == "3y":
            year = prices[service, f"{name}:reserved-1y", region]
            shares.append((usd / year, year / prices[service, name, region]))
    assert len(shares) > 100
    assert all(three < 1 and one < 1 for three, one in shares)


def test_prices_are_exact_decimals() -> None:
    assert load("list").price("ec2", "m5.large", "us-east-1").usd * 3 == Decimal("0.288")


def _row(sku: str, region: str, **other: str) -> dict[str, str]:
    return {"sku": sku, "region": region, **other}


@pytest.fixture
def book(written: Written) -> Book:
    return load(
        "mine",
        written(
            _row("m5.large", "us-east-1"),
            _row("m5.xlarge", "us-east-1"),
            _row("g6.xlarge", "ap-northeast-1"),
            _row("g6.xlarge", "eu-central-1"),
            _row("g6.xlarge", "us-east-1"),
            _row("certificate", "any", service="acm"),
            _row("zone", "global", service="route53"),
            _row("standard", "us-east-1", service="s3"),
        ),
    )


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "af-south-1"])
def test_what_costs_the_same_everywhere_has_a_price_everywhere(book: Book, region: str) -> None:
    assert book.price("acm", "certificate", region).region == "any"
    assert book.price("route53", "zone", region).region == "global"


def test_a_missing_sku_is_an_error_that_names_the_nearest(book: Book) -> None:
    with pytest.raises(PriceMissing, match=r"the nearest sku of ec2 is m5\.large") as missing:
        book.price("ec2", "m5.larg", "us-east-1")
    asked = missing.value
    assert (asked.book, asked.service, asked.sku) == ("mine", "ec2", "m5.larg")
    assert asked.region == "us-east-1"


@pytest.mark.parametrize(
    ("region", "nearest"),
    [
        ("eu-west-1", "eu-central-1, then ap-northeast-1, us-east-1"),
        ("ap-southeast-1", "ap-northeast-1, then eu-central-1, us-east-1"),
        ("us-west-2", "us-east-1, then ap-northeast-1, eu-central-1"),
        ("of-nobody-1", "ap-northeast-1, then eu-central-1, us-east-1"),
    ],
)
def test_a_missing_region_is_an_error_that_names_the_nearest_first(
    book: Book, region: str, nearest: str
) -> None:
    with pytest.raises(PriceMissing) as missing:
        book.price("ec2", "g6.xlarge", region)
    assert str(missing.value).endswith(f"the nearest region with one is {nearest}")


@pytest.mark.parametrize(
    ("service", "sku", "told"),
    [("qqqq", "x", "it knows no qqqq"), ("ec2", "////", "no sku of ec2 is near")],
)
def test_nothing_is_named_where_nothing_is_near(
    book: Book, service: str, sku: str, told: str
) -> None:
    with pytest.raises(PriceMissing) as missing:
        book.price(service, sku, "us-east-1")
    assert str(missing.value).endswith(f": {told}")


def test_a_missing_service_is_an_error_that_names_the_nearest(book: Book) -> None:
    with pytest.raises(PriceMissing, match="it knows no s4; the nearest service is s3"):
        book.price("s4", "standard", "us-east-1")


def test_no_price_is_found_by_another_regions(book: Book) -> None:
    """Neither the region's neighbour nor another service's sku stands in."""
    for asked in (("s3", "standard", "us-east-2"), ("acm", "standard", "us-east-1")):
        with pytest.raises(PriceMissing):
            book.price(*asked)


@pytest.mark.parametrize(
    ("trust", "as_of", "weak"),
    [
        ("api", "2026-07-20", False),
        ("derived", "2024-07-20", False),
        ("api", "", True),
        ("memory", "2026-07-20", True),
        ("memory", "", True),
    ],
)
def test_a_row_from_memory_or_without_a_date_is_weak(
    written: Written, trust: str, as_of: str, *, weak: bool
) -> None:
    (row,) = load("mine", written({"trust": trust, "as_of": as_of})).rows
    assert row.weak is weak


def test_what_is_recollected_is_marked_as_such() -> None:
    def recollected(row: Price) -> bool:
        return row.source.startswith("recollection")

    rows = load("list").rows
    assert [row for row in rows if recollected(row) != (row.trust == "memory")] == []
    assert [row for row in rows if row.trust == "memory" and row.as_of] == []
