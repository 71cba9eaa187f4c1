"""The document's path from a first deployment to a cheap large one (section 9.6), recounted.

Each phase names what is to be done and what comes of it. Here its steps are taken one after the
other from the reference bill, each by the share that section 9.5 or 9.6 claims for it, so what
they come to stands beside the document's figure. Steps that the phase does not name but section
9.5 has are counted apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from pricing.book import Book
from pricing.references import SOURCE, amounts, architecture, reference

Claim = tuple[Decimal, Decimal]
NO_CLAIM: Final[Claim] = (Decimal(0), Decimal(0))

_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something the document says will lower the bill."""

    name: str
    section: str
    lines: tuple[str, ...] = ()
    """Lines of the reference bill that it lowers."""
    claim: Claim = NO_CLAIM
    """Share of those lines that it saves, from and to."""
    named: bool = True
    """Whether the phase itself names it."""
    in_bill: bool = False
    """Whether the reference bill has it already, so that it saves nothing more."""
    switch: str = ""
    """Name of what comes nearest to it in `pricing.switches`; empty where nothing does."""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Saving:
    """What a step takes off the bill that the steps before it left."""

    step: Step
    low_usd: Decimal
    usd: Decimal
    """At the middle of the claimed range."""
    high_usd: Decimal
    note: str


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A phase of the path at the prices of one book."""

    name: str
    tier: str
    book: str
    before_usd: Decimal
    """The reference bill."""
    stated_before_usd: Decimal
    stated_after_usd: tuple[Decimal, Decimal]
    """The document's figure, or the least and most where it gives a range."""
    savings: tuple[Saving, ...]

    @property
    def named_usd(self) -> Decimal:
        """The bill after the steps that the phase names."""
        return self.before_usd - sum(s.usd for s in self.savings if s.step.named)

    @property
    def after_usd(self) -> Decimal:
        """The bill after all steps."""
        return self.before_usd - sum(s.usd for s in self.savings)

    @property
    def range_usd(self) -> tuple[Decimal, Decimal]:
        """The bill after all steps with every claim at its most and at its least."""
        return (
            self.before_usd - sum(s.high_usd for s in self.savings),
            self.before_usd - sum(s.low_usd for s in self.savings),
        )

    @property
    def saved_share(self) -> Decimal:
        """Share of the bill that all steps save."""
        return 1 - self.after_usd / self.before_usd


def _share(low: str, high: str = "") -> Claim:
    return Decimal(low), Decimal(high or low)


@dataclass(frozen=True, kw_only=True)
class _Plan:
    name: str
    tier: str
    after_usd: tuple[int, int]
    steps: tuple[Step, ...]


_PLANS: Final = (
    _Plan(name="1: a quick start", tier="small", after_usd=(100, 300), steps=()),
    _Plan(
        name="2: growth",
        tier="medium",
        after_usd=(1100, 1100),
        steps=(
            Step(
                name="prompt caching",
                section="9.6",
                switch="prompt-caching",
                lines=("llm",),
                claim=_share("0.5"),
                in_bill=True,
                note="the bill of section 9.2 has half of its input cached already: the document "
                "counts it a second time",
            ),
            Step(
                name="reserved servers",
                section="9.6",
                switch="reserved-1-year",
                lines=("api", "worker"),
                claim=_share("0.3"),
            ),
            Step(
                name="retention of logs",
                section="9.5.5",
                switch="log-retention",
                lines=("logs",),
                claim=_share("0.8"),
            ),
            Step(
                name="files moved to cheaper classes",
                section="9.5.3",
                switch="storage-tiers",
                lines=("objects",),
                claim=_share("0.6"),
            ),
            Step(
                name="reserved database and cache",
                section="9.5.1",
                switch="reserved-1-year",
                lines=("database", "cache"),
                claim=_share("0.3"),
                named=False,
                note="storage is no part of a reservation; the document does not split it off",
            ),
        ),
    ),
    _Plan(
        name="3: scale",
        tier="large",
        after_usd=(8000, 8000),
        steps=(
            Step(
                name="embeddings of one's own",
                section="9.6",
                lines=("embedding",),
                in_bill=True,
                note="the bill of section 9.3 has them already",
            ),
            Step(
                name="a language model of one's own",
                section="9.6",
                lines=("llm",),
                note="the document: above a bill of 5000 for the provider; at the speed that it "
                "gives a machine, no number of them is cheaper (break-evens)",
            ),
            Step(
                name="spot machines for workers",
                section="9.5.1",
                switch="spot-workers",
                lines=("worker",),
                claim=_share("0.6", "0.7"),
            ),
            Step(
                name="autoscaling, fewest copies at night",
                section="9.5.1",
                switch="night",
                lines=("api",),
                claim=_share("0.3", "0.4"),
            ),
            Step(
                name="quantised vectors",
                section="9.5.3",
                lines=("vectors",),
                claim=_share("0.5", "0.75"),
                note="the claim is for space: machines get cheaper only where fewer of them do; "
                "the server keeps vectors of its own in 32 bits",
            ),
            Step(
                name="storage in tiers",
                section="9.5.3",
                switch="storage-tiers",
                lines=("objects", "disks"),
                claim=_share("0.6"),
                note="disks of machines cannot move to an archive; the claim counts them",
            ),
            Step(
                name="several clouds",
                section="9.6",
                note="the document gives no figure",
            ),
            Step(
                name="reserved servers, database and cache",
                section="9.5.1",
                switch="reserved-1-year",
                lines=("api", "database", "cache"),
                claim=_share("0.3"),
                named=False,
                note="phase 2 has it for servers; what autoscaling leaves is reserved",
            ),
            Step(
                name="Prometheus and Grafana in place of Datadog",
                section="9.5.5",
                switch="open-source-monitoring",
                lines=("apm",),
                claim=_share("0.68"),
                named=False,
                note="160 in place of 500",
            ),
            Step(
                name="no log lines below warnings",
                section="9.5.5",
                switch="log-level",
                lines=("logs",),
                claim=_share("0.7"),
                named=False,
            ),
        ),
    ),
)


def steps(tier: str) -> tuple[Step, ...]:
    """What the path does to the document's architecture of `tier`.

    Raises `ValueError` for a tier that the document does not have.
    """
    architecture(tier)
    return next(plan.steps for plan in _PLANS if plan.tier == tier)


def phases(book: Book) -> tuple[Phase, ...]:
    """The three phases on the document's architectures at the prices of `book`.

    What the reference bill has already saves nothing at current prices; at `source-2025` it is
    counted as the document counts it. Raises `Unpriced` where prices are missing.
    """
    return tuple(_phase(plan, book) for plan in _PLANS)


def _phase(plan: _Plan, book: Book) -> Phase:
    stated = reference(plan.tier, book)
    return Phase(
        name=plan.name,
        tier=plan.tier,
        book=book.name,
        before_usd=stated.monthly_usd.expected,
        stated_before_usd=architecture(plan.tier).usd,
        stated_after_usd=(Decimal(plan.after_usd[0]), Decimal(plan.after_usd[1])),
        savings=tuple(_savings(plan.steps, amounts(plan.tier, book), book)),
    )


def _savings(taken: tuple[Step, ...], bill: Mapping[str, Decimal], book: Book) -> Iterator[Saving]:
    """Each step in turn; the next one sees what it left, at each end of the claims."""
    left: dict[str, tuple[Decimal, ...]] = {name: (usd, usd, usd) for name, usd in bill.items()}
    for step in taken:
        idle = step.in_bill and book.name != SOURCE
        low, high = step.claim
        shares = (low, (low + high) / 2, high)
        saved = [Decimal(0)] * len(shares)
        for name in () if idle else step.lines:
            cuts = [_cents(usd * share) for usd, share in zip(left[name], shares, strict=True)]
            left[name] = tuple(u - c for u, c in zip(left[name], cuts, strict=True))
            saved = [s + c for s, c in zip(saved, cuts, strict=True)]
        yield Saving(
            step=step,
            low_usd=saved[0],
            usd=saved[1],
            high_usd=saved[2],
            note=step.note,
        )


def _cents(usd: Decimal) -> Decimal:
    return usd.quantize(_CENT, rounding=ROUND_HALF_UP)
