"""Savings: what the switches of a stack file set in the roles and in the workload.

A switch takes the place of a tier's own value, never of one that the file gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components.args import SavingsArgs
from infra.tiers import Workload

Values = Mapping[str, Mapping[str, Any]]
"""Role, or `workload` -> field -> value."""

_TIERS = ("api", "worker")


@dataclass(frozen=True, kw_only=True)
class _Stack:
    """A tier's own values, and what the file gives instead."""

    bases: Values
    overrides: Values

    def __call__(self, role: str, field: str) -> Any:  # noqa: ANN401  (a value of any field)
        """The value without any switch."""
        given = self.overrides.get(role, {})
        return given[field] if field in given else self.bases[role].get(field)

    def tiers(self) -> tuple[str, ...]:
        """The tiers of servers that there are."""
        return tuple(tier for tier in _TIERS if tier == "api" or self(tier, "enabled") is not False)


@dataclass(frozen=True, kw_only=True)
class _Set:
    """A value that a switch sets."""

    role: str
    field: str
    value: Any


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
            found.setdefault(each.role, {})[each.field] = each.value
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


def _contradicted(stack: _Stack, new: _Set) -> bool:
    given = stack.overrides.get(new.role, {})
    return new.field in given and given[new.field] != new.value


def _contradiction(switch: str, stack: _Stack, new: _Set) -> str:
    given = stack.overrides[new.role]
    field, value = new.field, given[new.field]
    if field == "architecture" and "instance_type" in given:
        field, value = "instance_type", f"{given['instance_type']} ({value})"
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


def _smaller_model(savings: SavingsArgs, stack: _Stack) -> Iterator[_Set]:
    _needs_provider(stack)
    if savings.smaller_model == stack.bases["llm"]["model"]:
        raise _Refused(f"{savings.smaller_model} is this tier's model already; remove it")
    yield _Set(role="llm", field="model", value=savings.smaller_model)


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


def _log_retention_days(savings: SavingsArgs, stack: _Stack) -> Iterator[_Set]:
    present = stack.bases["monitoring"]["log_retention_days"]
    if savings.log_retention_days is not None and savings.log_retention_days >= present:
        raise _Refused(
            f"{savings.log_retention_days} days are not fewer than the tier's {present}; lower it, "
            "or set letta:monitoring.log_retention_days to keep logs longer"
        )
    yield _Set(role="monitoring", field="log_retention_days", value=savings.log_retention_days)


_EFFECTS: Mapping[str, Callable[[SavingsArgs, _Stack], Iterator[_Set]]] = {
    "spot_workers": _spot_workers,
    "night": _night,
    "arm64": _arm64,
    "prompt_caching": _prompt_caching,
    "prompt_trimming": _prompt_trimming,
    "smaller_model": _smaller_model,
    "logs_endpoint": _logs_endpoint,
    "single_nat": _single_nat,
    "log_retention_days": _log_retention_days,
}
"""Switch -> what it sets. `reserved_years` sets nothing: it is a term of the bill."""
