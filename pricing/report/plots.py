"""The page's pictures: what a bill is made of, what an agent costs, where self-hosting pays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pricing.bill import Bill
from pricing.break_even import BreakEven, Point
from pricing.report.report import POINTS
from pricing.report.surroundings import Curve
from pricing.report.svg import FONT_PIXELS, Drawing, LogScale, apart, characters_within, text_width
from pricing.report.words import fine, percent, short, usd

COLOURS = 7
"""Components with a colour of their own; the smaller ones are `OTHER` together."""
OTHER = "other"
WIDE_PIXELS, NARROW_PIXELS = 540, 340
"""Each picture is drawn for a column of a desktop's page and for a phone."""

LABEL_CHARACTERS = 16
"""The most that stands at the end of a line."""

_BAR, _GAP, _LABEL = 26, 14, 18
_AXIS = 34
_SAMPLES = 120


@dataclass(frozen=True, kw_only=True)
class Series:
    """One line of a plot: what it is called and where it goes."""

    name: str
    points: Sequence[tuple[Decimal, Decimal]]
    solid_to: Decimal | None = None
    """Where it stops being solid and is dotted; None: nowhere."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A value of the lower axis that is worth a line across."""

    name: str
    at: Decimal


class Palette:
    """Which colour each component has in all pictures of a page."""

    def __init__(self, bill: Bill, others: Iterable[Bill]) -> None:
        shares = _shares(bill)
        for other in others:
            for component, share in _shares(other).items():
                # After all of the bill's own.
                shares.setdefault(component, share - 1)
        ranked = sorted(shares, key=lambda component: -shares[component])
        self._kinds = {component: f"c{n}" for n, component in enumerate(ranked[:COLOURS], start=1)}

    def parts(self, bill: Bill, point: str = "expected") -> dict[str, Decimal]:
        """Component -> USD a month, the small ones together, largest colour first."""
        parts = dict.fromkeys(self._kinds, Decimal(0))
        for component, span in bill.by_component.items():
            name = component if component in self._kinds else OTHER
            parts[name] = parts.get(name, Decimal(0)) + getattr(span, point)
        return {name: amount for name, amount in parts.items() if amount}

    def kind(self, component: str) -> str:
        """Name of a component's colour."""
        return self._kinds.get(component, "c0")


def _shares(bill: Bill) -> dict[str, Decimal]:
    """Component -> its share of the ceiling."""
    total = bill.monthly_usd.ceiling or Decimal(1)
    return {component: span.ceiling / total for component, span in bill.by_component.items()}


def points(bill: Bill, palette: Palette, width: int) -> Drawing:
    """Floor, expected and ceiling as bars of components on one scale."""
    bars = {point: palette.parts(bill, point) for point in POINTS}
    most = max(bill.monthly_usd.ceiling, Decimal(1))
    amounts = {point: f"{usd(getattr(bill.monthly_usd, point))} USD" for point in POINTS}
    return _bars(
        title="Monthly cost by component at floor, expected and ceiling",
        bars=bars,
        amounts=amounts,
        full=dict.fromkeys(bars, most),
        palette=palette,
        width=width,
    )


def tiers(bills: Mapping[str, Bill], palette: Palette, width: int) -> Drawing:
    """What the bill of each stack is made of, every bar as long as the others."""
    bars = {name: palette.parts(bill) for name, bill in bills.items()}
    amounts = {
        name: f"{usd(bill.monthly_usd.expected)} USD, {fine(bill.per_agent_usd)} an agent"
        for name, bill in bills.items()
    }
    full = {name: max(bill.monthly_usd.expected, Decimal(1)) for name, bill in bills.items()}
    return _bars(
        title="What each stack's monthly cost is made of",
        bars=bars,
        amounts=amounts,
        full=full,
        palette=palette,
        width=width,
    )


def per_agent(curves: Sequence[Curve], width: int) -> Drawing:
    """Cost of one agent against the number of agents."""
    return lines(
        title="Monthly cost of one agent by number of agents",
        across="agents",
        up="USD per agent a month",
        series=[
            Series(
                name=_brief(curve.name),
                points=[(Decimal(count), each) for count, each in curve.points],
                solid_to=Decimal(curve.declared_agents),
            )
            for curve in curves
        ],
        marks=[],
        width=width,
    )


def savings(amounts: Mapping[str, Decimal], width: int) -> Drawing:
    """What each switch would save, as bars from the same beginning."""
    most = max(*amounts.values(), Decimal(1))
    drawing = Drawing(
        title="Monthly saving of each switch",
        description="; ".join(f"{name}: {usd(amount)} USD" for name, amount in amounts.items()),
        width=width,
        height=len(amounts) * (_LABEL + _BAR // 2 + _GAP),
    )
    y = 0
    for name, amount in amounts.items():
        drawing.text(0, y + FONT_PIXELS, name)
        drawing.text(width, y + FONT_PIXELS, usd(amount), anchor="end")
        length = max(1.0, float(amount / most) * width)
        drawing.rectangle(0, y + _LABEL, length, _BAR // 2, kind="c1", tip=f"{usd(amount)} USD")
        y += _LABEL + _BAR // 2 + _GAP
    return drawing


def lines(
    *, title: str, across: str, up: str, series: Sequence[Series], marks: Sequence[Mark], width: int
) -> Drawing:
    """Lines over two logarithmic axes, each named at its end."""
    height = 300
    room = max(text_width(one.name) for one in series) + 12
    top, bottom = 24 + _LABEL * len(marks), height - _AXIS
    xs = [x for one in series for x, _ in one.points]
    ys = [y for one in series for _, y in one.points]
    x, y = LogScale(xs, 44, width - room), LogScale(ys, bottom, top)
    drawing = Drawing(
        title=title,
        description="; ".join(
            [*(_described(one) for one in series), *(f"{m.name} at {short(m.at)}" for m in marks)]
        ),
        width=width,
        height=height,
    )
    _axes(drawing, x, y, across, up)
    for row, mark in enumerate(marks):
        place = x(mark.at)
        drawing.line([(place, 24 + _LABEL * row), (place, bottom)], kind="mark")
        right = place > width / 2
        drawing.text(
            place + (-5 if right else 5),
            24 + _LABEL * row + FONT_PIXELS,
            f"{mark.name} {short(mark.at)}",
            anchor="end" if right else "start",
        )
    # Above the axis, whose last number stands below its end.
    ends = apart([y(one.points[-1][1]) for one in series], bottom - FONT_PIXELS / 2)
    for number, (one, end) in enumerate(zip(series, ends, strict=True), start=1):
        _draw(drawing, one, x, y, number)
        drawing.text(x(one.points[-1][0]) + 8, end + FONT_PIXELS / 3, one.name, kind="label")
    return drawing


def break_even(found: BreakEven, width: int) -> Drawing:
    """A provider's bill against that of machines of one's own."""
    points = _sampled(found)
    marks = [Mark(name="computed", at=found.crossing)] if found.crossing else []
    if found.rule_units:
        marks.append(Mark(name="document", at=found.rule_units))
    return lines(
        title=f"{found.own} against {found.external}",
        across=f"{found.unit} a month",
        up="USD a month",
        series=[
            Series(
                name="provider",
                points=[(Decimal(point.units), point.external_usd) for point in points],
            ),
            Series(
                name="own",
                points=[(Decimal(point.units), point.own_usd) for point in points],
            ),
        ],
        marks=marks,
        width=width,
    )


def _sampled(found: BreakEven) -> list[Point]:
    """Points dense enough for the steps of machines to be seen, the crossing among them."""
    first, last = found.points[0].units, found.points[-1].units
    decades = (Decimal(last) / first).log10()
    share = decades / _SAMPLES
    units = {round(first * 10 ** (share * step)) for step in range(_SAMPLES + 1)}
    if found.crossing is not None:
        units.add(round(found.crossing))
    return [found.at(count) for count in sorted(units)]


def _brief(name: str, most: int = LABEL_CHARACTERS) -> str:
    return name if len(name) <= most else f"{name[: max(most, 2) - 1]}…"


def _draw(drawing: Drawing, one: Series, x: LogScale, y: LogScale, number: int) -> None:
    limit = one.solid_to
    solid = [point for point in one.points if limit is None or point[0] <= limit]
    dotted = [point for point in one.points if limit is not None and point[0] >= limit]
    for part, kind in ((solid, f"line l{number}"), (dotted, f"line l{number} beyond")):
        if len(part) > 1:
            drawing.line([(x(across), y(up)) for across, up in part], kind=kind)
    if limit is not None and solid:
        across, up = solid[-1]
        tip = f"{one.name}: {fine(up)} at {short(across)}"
        drawing.dot(x(across), y(up), kind=f"l{number}", tip=tip)


def _axes(drawing: Drawing, x: LogScale, y: LogScale, across: str, up: str) -> None:
    left, right = x(x.decades[0]), x(x.decades[-1])
    bottom = y(y.decades[0])
    for decade in y.decades:
        drawing.line([(left, y(decade)), (right, y(decade))], kind="grid")
        drawing.text(left - 6, y(decade) + FONT_PIXELS / 3, short(decade), anchor="end")
    # Labels of neighbours must not meet.
    every = 1 if (right - left) / len(x.decades) > 30 else 2
    for decade in x.decades[::every]:
        drawing.line([(x(decade), bottom), (x(decade), bottom + 4)], kind="grid")
        drawing.text(x(decade), bottom + 4 + FONT_PIXELS, short(decade), anchor="middle")
    drawing.text(right, bottom + _AXIS - 3, across, anchor="end", kind="unit")
    drawing.text(0, FONT_PIXELS, up, kind="unit")


def _described(one: Series) -> str:
    (first_x, first_y), (last_x, last_y) = one.points[0], one.points[-1]
    return (
        f"{one.name}: {fine(first_y)} USD at {short(first_x)} to {fine(last_y)} at {short(last_x)}"
    )


def _bars(
    *,
    title: str,
    bars: Mapping[str, Mapping[str, Decimal]],
    amounts: Mapping[str, str],
    full: Mapping[str, Decimal],
    palette: Palette,
    width: int,
) -> Drawing:
    description = "; ".join(
        f"{name}: {amounts[name]} ("
        + ", ".join(f"{part} {usd(amount)}" for part, amount in parts.items())
        + ")"
        for name, parts in bars.items()
    )
    drawing = Drawing(
        title=title,
        description=description,
        width=width,
        height=len(bars) * (_LABEL + _BAR + _GAP) - _GAP,
    )
    y = 0
    for name, parts in bars.items():
        # The amount is what must be read; of a long name its beginning and the description tell.
        room = characters_within(width - text_width(f": {amounts[name]}"))
        drawing.text(0, y + FONT_PIXELS, f"{_brief(name, room)}: {amounts[name]}")
        x = 0.0
        whole = sum(parts.values()) or Decimal(1)
        for part, amount in parts.items():
            length = float(amount / full[name]) * width
            tip = f"{part}: {usd(amount)} USD, {percent(amount / whole)}"
            # A gap of the background tells neighbours apart, whatever their colours.
            seen = max(length - 2, min(length, 1))
            drawing.rectangle(x, y + _LABEL, seen, _BAR, kind=palette.kind(part), tip=tip)
            x += length
        y += _LABEL + _BAR + _GAP
    return drawing
