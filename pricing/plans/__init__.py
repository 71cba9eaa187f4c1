"""From a stack's settings to what is billed, without an engine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from infra import platforms

if TYPE_CHECKING:
    from components.args import Args
    from infra.settings import Settings
    from pricing.book import Book
    from pricing.inventory import Inventory


def inventory(settings: Settings) -> Inventory:
    """What a deployment of these settings consists of, as far as it is billed.

    It is what `policies/facts` reads from the engine's resources of the same settings.

    Raises `ValueError` for an unknown cloud.
    """
    found: Inventory = platforms.module("pricing.plans", settings.cloud).inventory(settings)
    return found


def priced(book: Book, cloud: str, options: Args | None) -> Book:
    """The book with the prices that a stack file itself states: of what no list has.

    A cloud's plans state them by `own_prices`, given what stands under the cloud's name.
    """
    own = getattr(platforms.module("pricing.plans", cloud), "own_prices", None)
    if own is None or options is None:
        return book
    return replace(book, rows=(*book.rows, *own(options)))
