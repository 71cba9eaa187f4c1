"""Tables of a page that are made from the code, each between two marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

Tables = Mapping[str, Callable[[], str]]
"""Name in the marks -> what makes the table."""


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def rendered(text: str, tables: Tables, tool: str) -> str:
    """The page's text with the tables of today's code in it.

    `tool`: the file that makes them. Raises `ValueError` for a table without its marks.
    """
    for name, make in tables.items():
        begin, end = f"<!-- {name}: made by tools/{tool} -->", f"<!-- end of {name} -->"
        if begin not in text or end not in text:
            raise ValueError(f"the page has no marks {begin} and {end}")
        head, _, rest = text.partition(begin)
        _, _, tail = rest.partition(end)
        text = f"{head}{begin}\n{make()}\n{end}{tail}"
    return text
