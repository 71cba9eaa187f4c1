"""Bring the rows of the `list` book up to date from the clouds' public price lists.

    python -m tools.refresh_prices [--cloud aws] [--add-region eu-central-1] [--accept-jumps]

Asks AWS Price List, Azure Retail Prices and, with a key in GOOGLE_API_KEY, Google's Cloud Billing
Catalog. A price that changes by more than 25 % stops it before anything is written; look at what it
names, then repeat with --accept-jumps. Rows that no list has stay, and it says which. A region that
is added gets every row that the book has for us-east-1 and AWS' list has for that region. What is
written is a change of csv files, to be reviewed like any other. Nothing that runs at preview calls
this.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import sys
from pathlib import Path

from pricing.book import FOLDER, load
from pricing.regions import REGIONS
from tools.refresh_prices.refresh import (
    LARGEST_CHANGE,
    added,
    elsewhere,
    lacking,
    refreshed,
    write,
)
from tools.refresh_prices.source import Answers, Fetch, Source, fetch

HOME = "us-east-1"
"""Region of AWS that the book knows best; others are added after it."""

_HERE = Path(__file__).parent
SOURCES: dict[str, Source] = {
    path.stem: importlib.import_module(f"tools.refresh_prices.{path.stem}").find
    for path in sorted((FOLDER / "list").glob("*.csv"))
    if (_HERE / f"{path.stem}.py").is_file()
}
"""List of the book -> what asks its source; some lists have none that can be asked."""


def main(arguments: list[str], ask: Fetch = fetch, folder: Path = FOLDER) -> int:
    """0: written. 1: refused, or a price list could not be read; the others were still written."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.refresh_prices",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--cloud", choices=SOURCES, action="append", help="only this one's list")
    parser.add_argument("--accept-jumps", action="store_true", help="write large changes too")
    parser.add_argument("--add-region", metavar="REGION", action="append", default=[])
    options = parser.parse_args(arguments)
    book = load("list", folder)
    if strange := set(options.add_region) - set(REGIONS):
        parser.error(f"{', '.join(sorted(strange))} is no region of pricing/regions.py")
    new = elsewhere(book.rows, HOME, options.add_region)
    answers: Answers = {}
    for cloud in options.cloud or SOURCES:
        answers = {**answers, **SOURCES[cloud]((*book.rows, *new), ask)}
    today = datetime.datetime.now(tz=datetime.UTC).date()
    refresh = refreshed(book.rows, answers, today)
    more = added(new, answers, today)
    for sentence in refresh.kept:
        print(f"kept   {sentence}")
    for sentence in lacking(new, answers):
        print(f"lacks  {sentence}")
    for sentence in refresh.jumps:
        print(f"jump   {sentence}", file=sys.stderr)
    if refresh.jumps and not options.accept_jumps:
        print(
            f"{len(refresh.jumps)} prices change by more than {LARGEST_CHANGE:.0%}: nothing is "
            "written. If they are right, repeat with --accept-jumps.",
            file=sys.stderr,
        )
        return 1
    write(folder / "list", refresh.rows, more)
    load("list", folder)
    print(f"{len(refresh.rows)} of {len(book.rows)} rows are as of {today}")
    for region in options.add_region:
        count = sum(row.region == region for row in more)
        print(f"{count} rows of {region} are new")
    return 1 if refresh.unreadable else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
