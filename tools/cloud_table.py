"""The tables of docs/clouds.md, and of rules by cloud in docs/policies.md, from what is built:
`python -m tools.cloud_table` rewrites them."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Le

from components.args import Args
from infra import platforms
from infra.settings import Settings, load
from infra.tiers import TIERS
from policies.facts.model import Deployment
from policies.facts.resource import Resource
from policies.rules import GROUPS
from pricing.inventory import Component
from tests.policies import assembly
from tests.policies.case import case
from tests.policies.coverage import cell
from tools import tables
from tools.tables import table

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "clouds.md"
RULES_PAGE = ROOT / "docs" / "policies.md"
NONE = "–"
NOT_YET = "refused"
"""Of a tier that a cloud has no stack file for."""
ALONG = re.compile(
    r"(Access|Account|Alarm|Assignment|Association|Attachment|Authorization|Binding|Block|Budget"
    r"|CertificateMap|Configuration|Controls|Entry|Exclusion|Filter|GlobalAddress|Grant|Group|Link"
    r"|Member|Metric|Policy|Profile|Proxy|Record|RecordSet|Role|Rule|Sink|Topic|Validation"
    r"|Versioning)$"
)
"""Ends of types that go along with what a role is: rights, rules, alarms. Those that the role is
billed for are shown all the same."""
_DEPLOYMENT = "letta:index:Deployment"


@dataclass(frozen=True, kw_only=True)
class Role:
    """A row of a tier's table."""

    title: str
    end: str
    """End of the name of the role's component."""
    billed: tuple[Component, ...] = ()
    """Parts of the bill that are its costs."""
    everywhere: str = ""
    """Regular expression of types that are it wherever they stand."""


ROLES = (
    Role(title="network", end="net", billed=("network",)),
    Role(title="way in", end="in", billed=("ingress",)),
    Role(title="API", end="api", billed=("api",)),
    Role(title="worker", end="work", billed=("worker",)),
    Role(title="cluster", end="k8s", billed=("cluster",)),
    Role(title="database, with its dumps", end="db", billed=("database",)),
    Role(title="what dumps it", end="dump"),
    Role(title="what prepares it", end="boot", billed=("bootstrap",)),
    Role(title="cache", end="cache", billed=("cache",)),
    Role(title="storage", end="data", billed=("storage",)),
    Role(title="queue", end="jobs", billed=("queue",)),
    Role(title="secrets and key", end="secrets", billed=("secrets",)),
    Role(title="logs", end="logs", billed=("monitoring",)),
    Role(title="alarms", end="alerts", everywhere=r"(Alarm|AlertPolicy|MetricAlert)$"),
    Role(title="embeddings", end="embed", billed=("embedding",)),
    Role(title="language model", end="llm", billed=("llm",)),
)


@cache
def _facts(cloud: str, tier: str) -> Deployment:
    of = case(cloud)
    return of.facts(tier, of.good(tier))


def _below(resources: Iterable[Resource], end: str) -> list[Resource]:
    """The resources of the component below the deployment whose name ends so."""
    by_urn = {one.urn: one for one in resources}

    def of_role(one: Resource) -> bool:
        while parent := by_urn.get(one.parent):
            if parent.type == _DEPLOYMENT:
                return one.type.startswith("letta:") and one.name.endswith(f"-{end}")
            one = parent
        return False

    return [one for one in resources if of_role(one) and not one.type.startswith("letta:")]


def _shown(kind: str) -> str:
    package, module, name = kind.split(":")
    if package == "kubernetes":
        return f"`{name}`"
    return f"`{module.partition('/')[0]}.{name}`"


def _types(cloud: str, tier: str, role: Role) -> str:
    """What the role becomes: what is billed of it, and what bears its name."""
    resources = case(cloud).good(tier)
    found = _below(resources, role.end)
    things = _facts(cloud, tier).inventory.things
    billed = {thing.urn for thing in things if thing.component in role.billed}
    kinds = Counter(
        one.type
        for one in found
        if one.urn in billed
        or (
            (one.name.endswith(f"-{role.end}") and not ALONG.search(one.type.rpartition(":")[2]))
            and not one.type.startswith("pulumi:")
        )
    )
    if role.everywhere:
        kinds = Counter(one.type for one in resources if re.search(role.everywhere, one.type))
    first = {one.type for one in found if one.urn in billed}
    return ", ".join(
        f"{_shown(kind)}{f' × {kinds[kind]}' if kinds[kind] > 1 else ''}"
        for kind in sorted(kinds, key=lambda kind: (kind not in first, kind))
    )


def _usd(amount: Decimal) -> str:
    return f"{amount:,.0f} USD" if amount >= 1 or not amount else "< 1 USD"


def _costs(cloud: str, tier: str, role: Role) -> Decimal:
    lines = _facts(cloud, tier).bill.lines
    return sum(
        (line.monthly_usd.expected for line in lines if line.component in role.billed), Decimal(0)
    )


@cache
def _cell(cloud: str, tier: str, role: Role) -> str:
    if tier not in case(cloud).stacks:
        return NOT_YET
    kinds, costs = _types(cloud, tier, role), _costs(cloud, tier, role)
    if not kinds and not costs:
        return NONE
    return "; ".join(filter(None, (kinds, _usd(costs) if role.billed else "")))


def _tier(tier: str) -> str:
    rows = [
        (role.title, *(_cell(cloud, tier, role) for cloud in platforms.CLOUDS)) for role in ROLES
    ]
    rows = [row for row in rows if not {*row[1:]} <= {NONE, NOT_YET}]
    total = (_total(cloud, tier) for cloud in platforms.CLOUDS)
    return table(("", *platforms.CLOUDS), [*rows, ("floor / expected / ceiling", *total)])


def _total(cloud: str, tier: str) -> str:
    if tier not in case(cloud).stacks:
        return NOT_YET
    month = _facts(cloud, tier).bill.monthly_usd
    return f"{month.floor:,.0f} / {month.expected:,.0f} / {month.ceiling:,.0f} USD"


def _differences() -> str:
    """Where a cloud's tiers differ from the neutral sizes."""
    rows = []
    for tier in TIERS:
        changes = {
            cloud: platforms.catalog(cloud).tiers.get(tier, {}) for cloud in platforms.CLOUDS
        }
        keys = {(role, key) for one in changes.values() for role in one for key in one[role]}
        for role, key in sorted(keys):
            if role == "limits":
                continue
            neutral = _neutral(tier, role, key)
            values = [_value(changes[cloud].get(role, {}), key) for cloud in platforms.CLOUDS]
            cells = ["" if _same(value, neutral) else value for value in values]
            if any(cells):
                rows.append((tier, f"`{role}.{key}`", neutral, *cells))
    return table(("tier", "key", "elsewhere", *platforms.CLOUDS), rows)


def _same(value: str, neutral: str) -> bool:
    return value == neutral or value == neutral.removesuffix(".0")


def _value(fields: Mapping[str, Any], key: str) -> str:
    return f"{_plain(fields[key])}" if key in fields else ""


def _neutral(tier: str, role: str, key: str) -> str:
    args = getattr(TIERS[tier], role)
    return _plain(args.get(key) if isinstance(args, Mapping) else getattr(args, key))


def _plain(value: object) -> str:
    if isinstance(value, Args):
        value = value.model_dump(exclude_none=True)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_plain(each)}" for key, each in value.items())
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _settings(cloud: str, tier: str) -> Settings:
    return load(
        assembly.stack_file(tier, {}, cloud),
        secret_keys=("llm",),
        clouds=platforms.CLOUDS,
        catalog=platforms.catalog,
    )


def _roles(settings: Settings) -> dict[str, Any]:
    return {role: getattr(settings, role) for role in Settings.__dataclass_fields__}


def _others(args: Args) -> Iterator[tuple[str, object]]:
    """Field and another value that its type allows: other words, the other truth, the bounds."""
    for name, field in type(args).model_fields.items():
        kind, now = field.annotation, getattr(args, name)
        if get_origin(kind) is Literal:
            yield from ((name, word) for word in get_args(kind) if word != now)
        elif kind is bool:
            yield name, not now
        elif kind is int:
            bounds = [
                bound.ge if isinstance(bound, Ge) else bound.le
                for bound in field.metadata
                if isinstance(bound, Ge | Le)
            ]
            yield from ((name, bound) for bound in bounds if bound != now)


def _refused(cloud: str) -> Iterator[str]:
    """What the cloud says to values that it does not have, tried one by one on each tier."""
    catalog = platforms.catalog(cloud)
    for tier in (tier for tier in TIERS if tier in case(cloud).stacks):
        settings = _settings(cloud, tier)
        roles = _roles(settings)
        for role, args in roles.items():
            if isinstance(args, Args) and role != "options":
                for name, value in _others(args):
                    changed = args.model_copy(update={name: value})
                    yield from catalog.refused(settings.options, {**roles, role: changed})


def _may_not(cloud: str) -> Iterator[tuple[str, str]]:
    """Keys of a stack file that are refused, and why."""
    catalog = platforms.catalog(cloud)
    why: dict[str, list[str]] = {}
    where = {"": catalog.absent, **{f" on {kind}": of for kind, of in catalog.absent_on.items()}}
    for on, absent in where.items():
        for key, reason in absent.items():
            why.setdefault(f"{reason}{on and f' ({on.strip()})'}", []).append(f"`{key}`")
    known: dict[tuple[str, str], str] = {}
    for line in _refused(cloud):
        key, _, reason = line.removeprefix("letta:").partition(": ")
        # Another number of the same key is no other refusal.
        known.setdefault((key, re.sub(r"[0-9]+", "", reason)), reason)
    for (key, _), reason in known.items():
        why.setdefault(reason, []).append(f"`{key}`")
    for reason, keys in why.items():
        yield ", ".join(dict.fromkeys(sorted(keys))), reason


def _absent() -> str:
    parts = []
    for cloud in platforms.CLOUDS:
        rows = [*_may_not(cloud)]
        if rows:
            parts += [f"### {cloud}", "", table(("key", "why, and what to do"), rows), ""]
    return "\n".join(parts).rstrip()


def _notes() -> str:
    rows = [
        (cloud, role, note)
        for cloud in platforms.CLOUDS
        for role, note in platforms.catalog(cloud).notes.items()
    ]
    return table(("cloud", "role", "what is otherwise"), rows)


def unexplained() -> list[str]:
    """Roles of a tier that a cloud has nothing of while another has, and says nothing about."""
    return [
        f"{tier}: {role.title} on {cloud}"
        for tier in TIERS
        for role in ROLES
        if any(_cell(cloud, tier, role) != NONE for cloud in platforms.CLOUDS)
        for cloud in platforms.CLOUDS
        if _cell(cloud, tier, role) == NONE and role.title not in platforms.catalog(cloud).notes
    ]


def _rules() -> str:
    """Rules by cloud: the bad configuration that each catches, or the number of a reason."""
    numbers: dict[str, int] = {}
    lines: list[tuple[str, ...]] = []
    for rule in (rule for group in GROUPS.values() for rule in group):
        cells = []
        for cloud in platforms.CLOUDS:
            found = cell(cloud, rule.name)
            words = _tests(cloud, found.tests)
            for reason in found.reasons:
                number = numbers.setdefault(reason, len(numbers) + 1)
                words = "; ".join(filter(None, (words, f"({number})")))
            cells.append(words)
        lines.append((f"`{rule.name}`", *cells))
    told = [f"{number}. {reason}." for reason, number in numbers.items()]
    return "\n".join([table(("rule", *platforms.CLOUDS), lines), "", *told])


def _tests(cloud: str, tests: tuple[str, ...]) -> str:
    if not tests:
        return ""
    name = tests[0].partition("[")[2].removesuffix("]").removeprefix(cloud).lstrip("-")
    more = f" + {len(tests) - 1}" if len(tests) > 1 else ""
    return f"{name or 'stranger'}{more}"


TABLES: tables.Tables = {
    **{tier: lambda tier=tier: _tier(tier) for tier in TIERS},  # type: ignore[misc]
    "differences": _differences,
    "notes": _notes,
    "absent": _absent,
}
RULE_TABLES: tables.Tables = {"rules by cloud": _rules}


def rendered(text: str, of: tables.Tables) -> str:
    """A page's text with the tables of today's code in it."""
    return tables.rendered(text, of, Path(__file__).name)


if __name__ == "__main__":
    for page, of in ((PAGE, TABLES), (RULES_PAGE, RULE_TABLES)):
        page.write_text(rendered(page.read_text(encoding="utf-8"), of), encoding="utf-8")
        sys.stdout.write(f"{page.name}: tables written\n")
