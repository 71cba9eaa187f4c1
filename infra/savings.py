"""Savings: what the switches of a stack file set in the roles and in the workload.

A switch takes the place of a tier's own value, never of one that the file gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components.args import SavingsArgs
from components.models import llms
from infra.tiers import Workload

Values = Mapping[str, Mapping[str, Any]]
"""Role, or `workload` -> field -> value."""

_ABSENT = object()

_TIERS = ("api", "worker")


@dataclass(frozen=True, kw_only=True)
class _Stack:
    """A tier's own values, and what the file gives instead."""

    bases: Values
    overrides: Values

    def __call__(self, role: str, field: str) -> Any:  # noqa: ANN401  (a value of any field)
        """The value without any switch."""
        given = self.given(role, field)
        return _at(self.bases[role], field) if given is _ABSENT else given

    def given(self, role: str, field: str) -> Any:  # noqa: ANN401
        """What the file gives, or `_ABSENT`."""
        return _at(self.overrides.get(role, {}), field)

    def tiers(self) -> tuple[str, ...]:
        """The tiers of servers that there are."""
        return tuple(tier for tier in _TIERS if tier == "api" or self(tier, "enabled") is not False)


@dataclass(frozen=True, kw_only=True)
class _Set:
    """A value that a switch sets."""

    role: str
    field: str
    """Its name, or for a field of a field `vllm.model`."""
    value: Any

    def into(self, found: dict[str, dict[str, Any]]) -> None:
        """Enter it into what all switches set."""
        values = found.setdefault(self.role, {})
        *outer, name = self.field.split(".")
        for part in outer:
            values = values.setdefault(part, {})
        values[name] = self.value


class _Refused(Exception):  # noqa: N818  (says what became of the switch)
    """Why a switch would change nothing here, and what to do."""


def applied(
    savings: SavingsArgs, bases: Values, overrides: Values, problems: list[str]
) -> dict[str, dict[str, Any]]:
    """What the switches that are on set: role, or `workload` -> field -> value.

    `bases`: the tier's values. `overrides`: what the file gives, with what an `instance_type`
    says. Whatever contradicts the file, or would change nothing, is added to `problems`.
    """
    stack = _Stack(bases=bases, overrides=overrides)
    found: dict[str, dict[str, Any]] = {}
    for switch, effects in _EFFECTS.items():
        value = getattr(savings, switch)
        if not value:
            continue
        try:
            sets = tuple(effects(savings, stack))
        except _Refused as reason:
            problems.append(f"letta:savings.{switch}: {reason}")
            continue
        for each in sets:
            if _contradicted(stack, each):
                problems.append(_contradiction(switch, stack, each))
            each.into(found)
    return found


def workload_fields(
    tier: Workload, given: Mapping[str, Any], savings: SavingsArgs
) -> dict[str, Any]:
    """The workload's fields, for a reader that does not check the switches: the tier's, what the
    switches make of them, and over both what the file gives."""
    fields = tier.model_dump()
    stack = _Stack(bases={"workload": fields, "llm": {}}, overrides={})
    switched = {
        each.field: each.value
        for switch in ("prompt_caching", "prompt_trimming")
        if getattr(savings, switch)
        for each in _EFFECTS[switch](savings, stack)
    }
    return {**fields, **switched, **given}


def _at(values: Mapping[str, Any], path: str) -> Any:  # noqa: ANN401  (a value of any field)
    """What stands at a path such as `vllm.model`, or `_ABSENT`."""
    found: Any = values
    for part in path.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return _ABSENT
        found = found[part]
    return found


def _contradicted(stack: _Stack, new: _Set) -> bool:
    return stack.given(new.role, new.field) not in (_ABSENT, new.value)


def _contradiction(switch: str, stack: _Stack, new: _Set) -> str:
    field, value = new.field, stack.given(new.role, new.field)
    instance_type = stack.given(new.role, "instance_type")
    if field == "architecture" and instance_type is not _ABSENT:
        field, value = "instance_type", f"{instance_type} ({value})"
    return (
        f"letta:savings.{switch}: sets {new.field} of letta:{new.role} to {new.value}, but "
        f"letta:{new.role}.{field} of the file is {value}; remove one of the two"
    )


def _spot_workers(_savings: SavingsArgs, stack: _Stack) -> Iterator[_Set]:
    if "worker" not in stack.tiers():
        raise _Refused("there is no worker tier; remove it, or set letta:worker.enabled to true")
    yield _Set(role="worker", field="capacity", value="spot")


def _arm64(_savings: SavingsArgs, stack: _Stack) -> Iterator[_Set]:
    for role in (*stack.tiers(), "database"):
        yield _Set(role=role, field="architecture", value="arm64")


def _night(savings: SavingsArgs, stack: _Stack) -> Iterator[_Set]:
    tiers = stack.tiers()
    if any(stack(tier, "compute") == "kubernetes" for tier in tiers):
        raise _Refused(
            "the autoscaler of Kubernetes has no timetable, and takes copies and machines away "
            "by itself when nobody asks; remove it, or lower max_replicas"
        )
    scaled = [t for t in tiers if stack(t, "min_replicas") != stack(t, "max_replicas")]
    if not scaled:
        raise _Refused(
            "no tier scales, so there is nothing to take away at night; remove it, or raise "
            "letta:api.max_replicas"
        )
    if savings.night is not None:
        for tier in scaled:
            yield _Set(role=tier, field="night", value=savings.night.model_dump())


def _prompt_caching(savings: SavingsArgs, stack: _Stack) -> Iterator[_Set]:
    _needs_provider(stack)
    present = stack.bases["workload"]["cached_input_share"]
    if savings.prompt_caching is not None and savings.prompt_caching <= present:
        raise _Refused(
            f"{savings.prompt_caching:g} is not above {present:g}, the share that this tier counts "
            "on already; raise it or remove it, or set letta:workload.cached_input_share where "
            "your provider's bill shows less"
        )
    yield _Set(role="workload", field="cached_input_share", value=savings.prompt_caching)


def _prompt_trimming(savings: SavingsArgs, stack: _Stack) -> Iterator[_Set]:
    _needs_provider(stack)
    field = "input_tokens_per_message"
    tokens = stack.bases["workload"][field]
    yield _Set(
        role="workload", field=field, value=round(tokens * (1 - (savings.prompt_trimming or 0)))
    )


def _quantised_weights(savings: SavingsArgs, stack: _Stack) -> Iterator[_Set]:
    hosting = stack("llm", "hosting")
    if hosting == "ollama":
        raise _Refused("Ollama serves weights of 4 bits already; remove it")
    if hosting != "vllm":
        raise _Refused(
            "the stack serves no model of its own, whose weights could have fewer bits; remove it, "
            "or set letta:llm.hosting to vllm"
        )
    served = llms.LLMS.get(stack("llm", "vllm.model"))
    if served is None:
        return  # letta:llm.vllm itself is refused
    if served.weights == savings.quantised_weights:
        raise _Refused(f"{served.name} is served with such weights already; remove it")
    smaller = {other.weights: other.name for other in llms.smaller_variants(served)}
    if savings.quantised_weights not in smaller:
        known = ", ".join(smaller) or "none"
        raise _Refused(f"weights of {served.name} that are smaller: {known}; choose one, or none")
    yield _Set(role="llm", field="vllm.model", value=smaller[savings.quantised_weights])


def _needs_provider(stack: _Stack) -> None:
    hosting = stack("llm", "hosting")
    if hosting in ("vllm", "ollama"):
        raise _Refused(
            f"the stack serves its model itself (letta:llm.hosting is {hosting}) and pays for no "
            f"tokens; remove it, or change letta:llm.{hosting}"
        )


def _logs_endpoint(_savings: SavingsArgs, stack: _Stack) -> Iterator[_Set]:
    _needs_nat(stack)
    yield _Set(role="ingress", field="logs_endpoint", value=True)


def _single_nat(_savings: SavingsArgs, stack: _Stack) -> Iterator[_Set]:
    _needs_nat(stack)
    yield _Set(role="ingress", field="nat", value="single")


def _needs_nat(stack: _Stack) -> None:
    if stack("ingress", "nat") == "none":
        raise _Refused("there is no NAT gateway (letta:ingress.nat is none); remove it")


_EFFECTS: Mapping[str, Callable[[SavingsArgs, _Stack], Iterator[_Set]]] = {
    "spot_workers": _spot_workers,
    "night": _night,
    "arm64": _arm64,
    "prompt_caching": _prompt_caching,
    "prompt_trimming": _prompt_trimming,
    "quantised_weights": _quantised_weights,
    "logs_endpoint": _logs_endpoint,
    "single_nat": _single_nat,
}
"""Switch -> what it sets. `reserved_years` sets nothing: it is a term of the bill."""
