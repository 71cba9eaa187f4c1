"""What the price list of one cloud is asked, and what it answers."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from io import TextIOWrapper
from typing import TextIO
from urllib.parse import urlsplit

from pricing.book import Price

TIMEOUT_SECONDS = 120

Fetch = Callable[[str, Mapping[str, str]], AbstractContextManager[TextIO]]
"""URL and headers -> the answer, line by line; raises `Unreadable`."""


class Unreadable(Exception):  # noqa: N818  (what the other side is, not a fault of the program)
    """A price list that cannot be had, or is not in the documented form."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a price list says of a row today."""

    usd: Decimal
    source: str


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Why a row stays as it is."""

    reason: str
    unreadable: bool = False
    """Whether the list could not be read, rather than lacks the row."""


Answers = Mapping[Price, Found | Kept]

Source = Callable[[Sequence[Price], Fetch], Answers]
"""The rows of a book -> an answer for each of them that this cloud's list covers."""


def one_of(prices: set[Decimal], source: str) -> Found | Kept:
    """What several entries for the same thing come to: a price only if they agree."""
    match sorted(prices):
        case [usd]:
            return Found(usd=usd, source=source)
        case []:
            return Kept(reason="the price list has no such entry")
        case several:
            return Kept(reason=f"the price list has several prices: {', '.join(map(str, several))}")


@contextmanager
def fetch(url: str, headers: Mapping[str, str]) -> Iterator[TextIO]:
    """From the network. Messages name the host only: a URL or a header may hold a key."""
    host = urlsplit(url).hostname
    request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310  (https, below)
    if urlsplit(url).scheme != "https":
        raise Unreadable(f"{host} is asked over https only")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            yield TextIOWrapper(answer, encoding="utf-8-sig", newline="")
    except urllib.error.HTTPError as error:
        raise Unreadable(f"{host} answers {error.code} {error.reason}") from error
    except OSError as error:
        raise Unreadable(f"{host} cannot be read: {error}") from error
