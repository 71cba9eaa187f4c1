"""Drawings as SVG elements, which the standard library escapes and writes."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from xml.etree import ElementTree as ET

FONT_PIXELS = 12
_CHARACTER_PIXELS = 7.6
"""Width of an average character in the widest of the fonts that the page may meet."""


class Drawing:
    """One picture of a fixed size in its own units, drawn from the top left."""

    def __init__(self, *, title: str, description: str, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._root = ET.Element("svg", {"viewBox": f"0 0 {width} {height}", "role": "img"})
        self._title = ET.SubElement(self._root, "title")
        self._title.text = title
        self._description = ET.SubElement(self._root, "desc")
        self._description.text = description

    def rectangle(
        self, x: float, y: float, width: float, height: float, *, kind: str, tip: str = ""
    ) -> None:
        """A filled rectangle; `kind` names its colour, `tip` is shown where a mouse rests."""
        place = {"x": _n(x), "y": _n(y), "width": _n(width), "height": _n(height), "class": kind}
        self._tip(ET.SubElement(self._root, "rect", place), tip)

    def line(self, points: list[tuple[float, float]], *, kind: str) -> None:
        """A line through points."""
        path = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
        ET.SubElement(self._root, "polyline", {"points": path, "class": kind})

    def dot(self, x: float, y: float, *, kind: str, tip: str = "") -> None:
        """A mark on a line."""
        place = {"cx": _n(x), "cy": _n(y), "r": "4", "class": kind}
        self._tip(ET.SubElement(self._root, "circle", place), tip)

    def text(self, x: float, y: float, text: str, *, anchor: str = "start", kind: str = "") -> None:
        """Text whose baseline begins, has its middle or ends at a point."""
        place = {"x": _n(x), "y": _n(y), "text-anchor": anchor}
        if kind:
            place["class"] = kind
        ET.SubElement(self._root, "text", place).text = text

    def source(self, name: str) -> str:
        """The picture as a string; no other on the page has the same name."""
        self._title.set("id", f"{name}-title")
        self._description.set("id", f"{name}-description")
        self._root.set("aria-labelledby", f"{name}-title {name}-description")
        return ET.tostring(self._root, encoding="unicode")

    @staticmethod
    def _tip(element: ET.Element, tip: str) -> None:
        if tip:
            ET.SubElement(element, "title").text = tip


class LogScale:
    """A logarithmic axis from a power of ten to a power of ten, around all of some values."""

    def __init__(self, values: list[Decimal], begins: float, ends: float) -> None:
        above_zero = [value for value in values if value > 0] or [Decimal(1)]
        self.lowest = min(above_zero).adjusted()
        highest = max(above_zero)
        exactly = highest == Decimal(10) ** highest.adjusted()
        self.highest = max(highest.adjusted() + (not exactly), self.lowest + 1)
        self._begins = begins
        self._ends = ends

    def __call__(self, value: Decimal) -> float:
        """Where a value stands; zero stands at the beginning."""
        if value <= 0:
            return self._begins
        share = (float(value.log10()) - self.lowest) / (self.highest - self.lowest)
        return self._begins + max(0.0, share) * (self._ends - self._begins)

    @property
    def decades(self) -> list[Decimal]:
        """Powers of ten on the axis."""
        return [Decimal(10) ** power for power in range(self.lowest, self.highest + 1)]


def text_width(text: str) -> float:
    """About how wide a text is set."""
    return len(text) * _CHARACTER_PIXELS


def characters_within(pixels: float) -> int:
    """How many characters surely fit into a width."""
    return max(0, int(pixels / _CHARACTER_PIXELS))


def apart(heights: list[float], bottom: float, least: float = FONT_PIXELS + 2) -> list[float]:
    """Heights of labels in the same order, moved so that none meet and none passes `bottom`."""
    order = sorted(range(len(heights)), key=lambda index: heights[index])
    placed = list(heights)
    for above, below in pairwise(order):
        placed[below] = max(placed[below], placed[above] + least)
    limit = bottom
    for index in reversed(order):
        placed[index] = min(placed[index], limit)
        limit = placed[index] - least
    return placed


def _n(number: float) -> str:
    """A coordinate to a tenth of a pixel."""
    return f"{number:.1f}".removesuffix(".0")
