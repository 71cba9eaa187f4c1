"""Where a machine of one's own becomes cheaper than a provider: embeddings and language models.

The crossing follows from the prices of a book and from what one machine can serve. The document's
rules (sections 1.3 and 5.3) stand beside it; they leave the second out.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final

from infra.tiers import Workload
from pricing.book import Book
from pricing.references import REGION, SOURCE
from pricing.speeds import CPU_PER_SECOND, GPU_PER_SECOND, OLLAMA_PER_SECOND, VLLM_PER_SECOND
from pricing.units import HOURS_A_MONTH
from pricing.usage import SECONDS_PER_MONTH, TOKENS_PER_MEMORY, usage_of

_MILLION: Final = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Point:
    """One point of the two curves."""

    units: int
    """A month."""
    external_usd: Decimal
    own_usd: Decimal
    machines: int


@dataclass(frozen=True, kw_only=True)
class BreakEven:
    """A provider against machines of one's own."""

    book: str
    unit: str
    """What is counted: `memories` or `messages`, a month."""
    external: str
    """The provider's model."""
    own: str
    """The machine."""
    unit_usd: Decimal
    """What the provider bills for one unit."""
    machine_usd: Decimal
    """What one machine costs a month, with its disk."""
    work: str
    """What the machine's speed is counted in: embeddings or tokens."""
    work_per_unit: int
    per_second: int
    """The most that the document gives one machine: work a second."""
    rule: str
    """What the document advises."""
    rule_units: Decimal | None = None
    """Units a month from which it advises a machine of one's own, where it counts units."""

    @property
    def capacity(self) -> Decimal:
        """Units a month that one machine serves when it is never idle."""
        return Decimal(self.per_second) * SECONDS_PER_MONTH / self.work_per_unit

    @property
    def equal_bills(self) -> Decimal:
        """Units a month at which the provider's bill is that of one machine."""
        return self.machine_usd / self.unit_usd

    @property
    def crossing(self) -> Decimal | None:
        """Least units a month at which machines of one's own are no dearer; None: nowhere.

        One machine that cannot serve what pays for it leaves nothing to more of them: each costs
        and serves the same.
        """
        return self.equal_bills if self.equal_bills <= self.capacity else None

    @property
    def lasting(self) -> Decimal | None:
        """Least units a month from which they never become dearer again; None: there is none.

        After n full machines the next one is first idle: it must pay for itself at once, which is
        so from the first n on for which n + 1 machines cost no more than the provider's bill of
        what n serve.
        """
        # In dollars and not in units, whose quotient is seldom exact.
        spare_usd = self.capacity * self.unit_usd - self.machine_usd
        if spare_usd <= 0:
            return None
        machines = (self.machine_usd / spare_usd).to_integral_value(ROUND_CEILING)
        return machines * self.equal_bills

    @property
    def needed_per_second(self) -> Decimal:
        """Work a second that one machine would have to do where the bills are equal."""
        return self.equal_bills * self.work_per_unit / SECONDS_PER_MONTH

    def machines(self, units: int) -> int:
        """Machines that serve so many units a month; one at least."""
        return max(1, int((units / self.capacity).to_integral_value(ROUND_CEILING)))

    def at(self, units: int) -> Point:
        """Both bills at so many units a month."""
        machines = self.machines(units)
        return Point(
            units=units,
            external_usd=units * self.unit_usd,
            own_usd=machines * self.machine_usd,
            machines=machines,
        )

    @property
    def points(self) -> tuple[Point, ...]:
        """1, 2, 5, 10, … thousand to a thousand million units, for a plot."""
        units = (digit * 10**power for power in range(3, 9) for digit in (1, 2, 5))
        return tuple(self.at(count) for count in (*units, 10**9))

    @property
    def sentence(self) -> str:
        """The result in words, beside the document's rule and why they differ."""
        if self.crossing is None:
            result = (
                f"{self.own} never pays against {self.external}: the bill of "
                f"{short(self.equal_bills)} {self.unit} a month is that of one, which serves "
                f"{short(self.capacity)} of them at {self.per_second} {self.work} a second; it "
                f"would have to do {short(self.needed_per_second)}"
            )
        else:
            result = (
                f"{self.own} pays against {self.external} from {short(self.crossing)} {self.unit} "
                f"a month on, a bill of {self.machine_usd:.2f}"
            )
            if self.lasting is not None and self.lasting > self.crossing:
                result += f" where machines are full, and for good from {short(self.lasting)} on"
        return f"{result}. The document: {self.rule}{self._difference}."

    @property
    def _difference(self) -> str:
        if self.rule_units is not None and self.rule_units != self.crossing:
            right = self.machine_usd / self.rule_units
            return (
                f", which would hold at a provider's price of {short(right * 1000)} for 1000 "
                f"{self.unit}, not {short(self.unit_usd * 1000)}"
            )
        if self.crossing is None:
            return ", which compares bills and leaves out what a machine can serve"
        return ""


@dataclass(frozen=True, kw_only=True)
class _Machine:
    """A machine of one's own. `rows`: service, sku and how many of the row's unit a month takes."""

    name: str
    rows: tuple[tuple[str, str, int], ...]
    per_second: int

    def monthly_usd(self, book: Book, region: str) -> Decimal:
        prices = ((book.price(service, sku, region), count) for service, sku, count in self.rows)
        return sum((price.usd * count for price, count in prices), Decimal(0))


def _by_the_hour(name: str, service: str, sku: str, per_second: int, disk_gb: int = 0) -> _Machine:
    disk = (("ebs", "gp3", disk_gb),) if disk_gb else ()
    return _Machine(name=name, rows=((service, sku, HOURS_A_MONTH), *disk), per_second=per_second)


_EMBEDDING_RULE: Final = "a GPU of one's own from 5 M memories a month on"
_EMBEDDING_RULE_UNITS: Final = Decimal(5_000_000)
_LLM_RULE: Final = "a provider below a bill of 1000 a month, a model of one's own above 5760"

_EMBEDDING_SERVERS: Final = {
    True: (
        _Machine(
            name="a CPU server",
            rows=(("self-hosted-embedding", "cpu", 1),),
            per_second=CPU_PER_SECOND,
        ),
        _Machine(
            name="a GPU server",
            rows=(("self-hosted-embedding", "gpu", 1),),
            per_second=GPU_PER_SECOND,
        ),
    ),
    False: (
        _by_the_hour("c5.2xlarge", "ec2", "c5.2xlarge", CPU_PER_SECOND, disk_gb=20),
        _by_the_hour("g4dn.xlarge", "ec2", "g4dn.xlarge", GPU_PER_SECOND, disk_gb=50),
    ),
}
"""Whether the book is the document's -> machines. Its amounts include the disks that section 1.3
names."""

_P4D = _by_the_hour("p4d.24xlarge (vLLM, 70 B)", "ec2", "p4d.24xlarge", VLLM_PER_SECOND)
_G5 = _by_the_hour("g5.4xlarge (Ollama, 8 B)", "ec2", "g5.4xlarge", OLLAMA_PER_SECOND)
_LAMBDA = _by_the_hour(
    "8 × A100 of Lambda Labs (vLLM, 70 B)", "lambda-labs", "8x-a100", VLLM_PER_SECOND
)
_LLM_SERVERS: Final = {True: (_P4D, _LAMBDA, _G5), False: (_P4D, _G5)}

_EMBEDDING_MODELS: Final = (("openai", "text-embedding-3-small"),)
_LLMS: Final = (("openai", "gpt-4.1-mini", 0.0), ("anthropic", "claude-haiku-4-5", 0.7))
"""Provider, model, share of the input that is cached: sections 5.2 and 9.3."""


def embedding(book: Book, region: str = REGION) -> tuple[BreakEven, ...]:
    """A provider's embeddings against servers of one's own (C5), 1000 tokens a memory.

    Raises `PriceMissing` where the book lacks a row, as most regions' do for some machine.
    """
    return tuple(
        BreakEven(
            book=book.name,
            unit="memories",
            external=model,
            own=machine.name,
            unit_usd=book.price(provider, f"{model}:input", region).usd
            * TOKENS_PER_MEMORY
            / _MILLION,
            machine_usd=machine.monthly_usd(book, region),
            work="embeddings",
            work_per_unit=1,
            per_second=machine.per_second,
            rule=_EMBEDDING_RULE,
            rule_units=_EMBEDDING_RULE_UNITS,
        )
        for provider, model in _EMBEDDING_MODELS
        for machine in _EMBEDDING_SERVERS[book.name == SOURCE]
    )


def language_model(book: Book, region: str = REGION) -> tuple[BreakEven, ...]:
    """A provider's language model against machines of one's own (L5).

    A message is that of L2; only the tokens that are written count against a machine's speed,
    which flatters it. Raises `PriceMissing` where the book lacks a row.
    """
    return tuple(
        BreakEven(
            book=book.name,
            unit="messages",
            external=model if not cached else f"{model}, {cached * 100:.0f} % of the input cached",
            own=machine.name,
            unit_usd=_message_usd(book, region, provider, model, cached),
            machine_usd=machine.monthly_usd(book, region),
            work="tokens",
            work_per_unit=_message(cached).output_tokens_per_message,
            per_second=machine.per_second,
            rule=_LLM_RULE,
        )
        for provider, model, cached in _LLMS
        for machine in _LLM_SERVERS[book.name == SOURCE]
    )


def short(number: Decimal) -> str:
    """Three significant digits, with k, M or G."""
    for suffix, size in (("G", 10**9), ("M", _MILLION), ("k", 1000)):
        if number >= size:
            return f"{float(number / size):.3g} {suffix}"
    return f"{float(number):.3g}"


def _message(cached_input_share: float) -> Workload:
    """The load of one message."""
    return Workload(agents=1, messages_per_agent=1, cached_input_share=cached_input_share)


def _message_usd(
    book: Book, region: str, provider: str, model: str, cached_input_share: float
) -> Decimal:
    usage = usage_of(_message(cached_input_share))
    tokens = {
        "input": usage.input_tokens - usage.cached_input_tokens,
        "output": usage.output_tokens,
    }
    if usage.cached_input_tokens:
        tokens["cache-read"] = usage.cached_input_tokens
    return sum(
        (
            book.price(provider, f"{model}:{kind}", region).usd * count / _MILLION
            for kind, count in tokens.items()
        ),
        Decimal(0),
    )
