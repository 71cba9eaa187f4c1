"""What each way to save is worth on one stack, priced before and after by the one bill."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Final, Literal

from components.args import SavingsArgs
from components.models import llms
from infra import platforms, serving
from infra.settings import Settings, SettingsError
from pricing.bill import Bill, Unpriced, price
from pricing.book import Book, PriceMissing
from pricing.inventory import Bucket, Inventory, LanguageModel, LogGroups, Thing
from pricing.plans import inventory, priced
from pricing.span import Span
from pricing.switches import LARGER, SWITCHES, Switch
from pricing.tariffs import Terms
from pricing.tariffs.demand import machine_count
from pricing.usage import usage_of

__all__ = ["SWITCHES", "Saving", "Switch", "ranked", "terms"]

Load = Callable[[Mapping[str, str]], Settings]
"""Values of a stack file -> its settings. Raises `SettingsError`."""

State = Literal["off", "on", "refused", "unpriced", "none"]
"""`off`: it could be switched on. `on`: it is, by a switch, by the file or by default. `refused`:
the settings refuse it for this stack. `unpriced`: a price is missing. `none`: not offered, or
nothing here that it applies to."""

_ORDER: Final[tuple[State, ...]] = ("off", "on", "refused", "unpriced", "none")

DATADOG_PER_HOST: Final = ("infra-pro:annual", "apm:annual")
DATADOG_PER_GB: Final = "logs-ingest"
"""What the document's large bill pays Datadog for (section 7.1): hosts, with traces, and logs."""


@dataclass(frozen=True, kw_only=True)
class Saving:
    """What a way to save is worth on a stack."""

    switch: Switch
    state: State
    before: Span
    """Monthly bill without it, USD."""
    after: Span
    """Monthly bill with it, USD; where there is nothing to compare, the stack's as it is."""
    note: str
    """What it changes, or why it is not to be had here."""
    setting: str = ""
    """What the stack file has to say for it; empty where that is nothing."""

    @property
    def claim(self) -> str:
        """The document's range."""
        return self.switch.claim

    @property
    def saves_usd(self) -> Decimal:
        """What it takes off the expected bill; below 0 where it is dearer."""
        return self.before.expected - self.after.expected

    @property
    def saves_at_most_usd(self) -> Decimal:
        """What it takes off the bill's ceiling, which a budget is held against."""
        return self.before.ceiling - self.after.ceiling


def terms(savings: SavingsArgs) -> Terms:
    """The terms of a bill that the switches state."""
    return Terms(reserved_years=savings.reserved_years)


def ranked(values: Mapping[str, str], load: Load, book: Book) -> tuple[Saving, ...]:
    """Every way to save: first those that are off, then those that are on, each by what it saves
    on this stack, then those that are not to be had.

    `values`: those of the stack file, as `load` takes them.
    Raises what `load` does, and `Unpriced` if the stack as it is has no bill.
    """
    settings = load(values)
    known = priced(book, settings.cloud, settings.options)
    stack = _Stack(settings=settings, things=inventory(settings), book=known)
    found = [_saving(switch, values, load, stack) for switch in SWITCHES]
    return tuple(sorted(found, key=lambda one: (_ORDER.index(one.state), -one.saves_usd)))


@dataclass(frozen=True, kw_only=True)
class _Stack:
    settings: Settings
    things: Inventory
    book: Book

    @cached_property
    def bill(self) -> Bill:
        settings = self.settings
        return price(self.things, settings.workload, self.book, terms(settings.savings))

    def like(self, settings: Settings) -> _Stack:
        return _Stack(settings=settings, things=inventory(settings), book=self.book)

    def with_things(self, change: Callable[[Thing], Thing]) -> _Stack:
        things = tuple(map(change, self.things.things))
        return replace(self, things=replace(self.things, things=things))


class _NotHere(Exception):  # noqa: N818  (an outcome, not a failure)
    """A way does not apply to a stack; says why."""


def _saving(switch: Switch, values: Mapping[str, str], load: Load, stack: _Stack) -> Saving:
    bill = stack.bill
    present = bill.monthly_usd

    def outcome(
        state: State, note: str, *, before: Span = present, after: Span = present
    ) -> Saving:
        return Saving(switch=switch, state=state, before=before, after=after, note=note)

    if switch.kind == "none":
        return outcome("none", switch.about + _bound(switch, bill))
    try:
        without = _without(switch, values, load, stack)
        if without is not None:
            return outcome("on", switch.about, before=without)
        value = switch.value(stack.settings)
        if value is None:
            raise _NotHere(_nothing_to_try(switch, stack.settings))
        tried = stack.like(load(switch.apply(values, value)))
        if (tried.things, tried.settings.workload) == (stack.things, stack.settings.workload) and (
            terms(tried.settings.savings) == terms(stack.settings.savings)
        ):
            return outcome("on", f"{switch.about}; the stack file says so already")
        saving = outcome("off", switch.about, after=tried.bill.monthly_usd)
        return replace(saving, setting=switch.setting(value))
    except _NotHere as reason:
        return outcome("none", str(reason))
    except SettingsError as error:
        own = f"letta:{switch.role}.{switch.key}: "
        return outcome("refused", "; ".join(line.removeprefix(own) for line in error.problems))
    except Unpriced as error:
        return outcome("unpriced", str(error.missing[0]))
    except PriceMissing as error:
        return outcome("unpriced", str(error))


def _nothing_to_try(switch: Switch, settings: Settings) -> str:
    if switch.name == "quantised-weights":
        return (
            "the stack serves no model with vLLM. Vectors cannot be quantised: the server keeps "
            "each as vector(4096) in 32 bits"
        )
    if settings.llm.hosting != "api":
        return "the stack serves its model itself and pays for no tokens"
    return (
        f"no smaller model is known for {settings.llm.model}; "
        f"letta:{switch.role}.{switch.key} takes any handle"
    )


def _without(switch: Switch, values: Mapping[str, str], load: Load, stack: _Stack) -> Span | None:
    """The bill of the stack without the way, where it has it; None where it has not."""
    if switch.role == "savings" and switch.key and _is_set(switch, stack.settings):
        return stack.like(load(switch.apply(values, None))).bill.monthly_usd
    default = _DEFAULTS.get(switch.name)
    return default(stack) if default else None


def _is_set(switch: Switch, settings: Settings) -> bool:
    given = getattr(settings.savings, switch.key)
    if switch.key == "reserved_years":
        return bool(given == switch.value(settings))
    return bool(given)


def _without_caching(stack: _Stack) -> Span | None:
    workload = stack.settings.workload
    if stack.settings.llm.hosting != "api" or not workload.cached_input_share:
        return None
    uncached = workload.model_copy(update={"cached_input_share": 0})
    return replace(stack, settings=replace(stack.settings, workload=uncached)).bill.monthly_usd


def _with_larger_model(stack: _Stack) -> Span | None:
    larger = LARGER.get(stack.settings.llm.model or "")
    if larger is None:
        return None

    def enlarged(thing: Thing) -> Thing:
        return replace(thing, handle=larger) if isinstance(thing, LanguageModel) else thing

    return stack.with_things(enlarged).bill.monthly_usd


def _with_whole_weights(stack: _Stack) -> Span | None:
    settings = stack.settings
    served = llms.LLMS.get(settings.llm.vllm.model)
    if settings.llm.hosting != "vllm" or served is None or llms.smaller_variants(served):
        return None
    alike = (other for other in llms.LLMS.values() if other.architecture == served.architecture)
    whole = max(alike, key=lambda other: other.weights_bytes)
    offer = platforms.catalog(settings.cloud)
    wanted = settings.llm.vllm.model_copy(update={"model": whole.name, "instance_type": None})
    try:
        machine = serving.fit(wanted, offer.gpu_machines(settings.region)).machine.name
    except ValueError as error:
        raise _NotHere(f"{whole.name} lies on no machine of {settings.region}: {error}") from error
    vllm = wanted.model_copy(update={"instance_type": machine})
    llm = settings.llm.model_copy(update={"vllm": vllm})
    return stack.like(replace(settings, llm=llm)).bill.monthly_usd


def _without_storage_tiers(stack: _Stack) -> Span:
    def hot(thing: Thing) -> Thing:
        if not isinstance(thing, Bucket):
            return thing
        return replace(thing, infrequent_access_days=0, archive_days=0)

    return stack.with_things(hot).bill.monthly_usd


def _without_clean_up(stack: _Stack) -> Span:
    if not any(isinstance(each, Bucket) and each.expiration_days for each in stack.things.things):
        raise _NotHere("nothing of this stack expires: it has no access logs")

    def kept(thing: Thing) -> Thing:
        return replace(thing, expiration_days=0) if isinstance(thing, Bucket) else thing

    return stack.with_things(kept).bill.monthly_usd


def _with_logs_for_ever(stack: _Stack) -> Span:
    def for_ever(thing: Thing) -> Thing:
        return replace(thing, retention_days=0) if isinstance(thing, LogGroups) else thing

    return stack.with_things(for_ever).bill.monthly_usd


def _with_datadog(stack: _Stack) -> Span:
    region = stack.settings.region
    prices = (stack.book.price("datadog", sku, region).usd for sku in DATADOG_PER_HOST)
    hosts = machine_count(stack.things) * sum(prices, Decimal(0))
    logs = usage_of(stack.settings.workload).application_log_gb
    extra = hosts + Span.fixed(logs * stack.book.price("datadog", DATADOG_PER_GB, region).usd)
    cent = Decimal("0.01")
    return stack.bill.monthly_usd + extra.map(lambda amount: amount.quantize(cent))


_DEFAULTS: Final[Mapping[str, Callable[[_Stack], Span | None]]] = {
    "prompt-caching": _without_caching,
    "smaller-model": _with_larger_model,
    "quantised-weights": _with_whole_weights,
    "storage-tiers": _without_storage_tiers,
    "clean-up": _without_clean_up,
    "open-source-monitoring": _with_datadog,
    "log-retention": _with_logs_for_ever,
}
"""Way -> the bill of a stack without it, where stacks have it by default."""

_BOUNDS: Final[Mapping[str, tuple[str, Decimal]]] = {
    "cdn-caching": ("traffic to the internet", Decimal("0.7")),
    "same-zone": ("traffic between zones", Decimal(1)),
    "log-level": ("logs of the servers", Decimal("0.7")),
}
"""Way that is not offered -> the lines that it would lower, and the share that the document
claims."""


def _bound(switch: Switch, bill: Bill) -> str:
    item, share = _BOUNDS[switch.name]
    lines = (line for line in bill.lines if line.item.startswith(item))
    most = sum((line.monthly_usd.expected for line in lines), Decimal(0)) * share
    return f". By its claim it would save {most:.2f} USD here"
