"""The rules of an application gateway: which paths lead where, and what is written anew."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.azure_native.live.backends import group, part, tail
from sandbox.cloud import CloudObject
from sandbox.live.load_balancer_spec import (
    Action,
    Forward,
    Redirect,
    Rule,
    UnsupportedLoadBalancerError,
    unsupported,
)

_REDIRECTS = {"Permanent": 301, "Found": 302, "SeeOther": 303, "Temporary": 307}
"""Redirect configurations, `redirectType`."""
_PATH, _LOCATION = "var_uri_path", "http_resp_Location"
_Spec = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Rewriting:
    """What a set of rewrite rules does."""

    folders: Mapping[str, str]
    """Folder that paths are moved to inside the gateway -> expression for whole paths; the rules of
    paths are asked again then."""
    led_back: str
    """Expression for addresses in redirects that are led back to the domain; empty for none."""


def action(gateway: CloudObject, rule: _Spec, domains: frozenset[str]) -> Action:
    """What a rule does with whatever no path of it names. Raises UnsupportedLoadBalancerError."""
    if reference := rule.get("redirectConfiguration"):
        return _redirect(gateway, part(gateway, "redirectConfigurations", reference))
    if routes := _routes(gateway, rule):
        rewriting = _rewriting(gateway, routes.get("defaultRewriteRuleSet"), domains)
        return _forward(gateway, routes, rewriting, default=True)
    return _forward(gateway, rule, _rewriting(gateway, rule.get("rewriteRuleSet"), domains))


def rules(gateway: CloudObject, rule: _Spec, domains: frozenset[str]) -> Iterator[Rule]:
    """The paths of a rule: first those that are named, then those that are moved and asked for
    again (Application Gateway documentation, "Rewrite HTTP headers and URL", "Reevaluate path
    map"). Raises UnsupportedLoadBalancerError."""
    routes = _routes(gateway, rule)
    if routes is None:
        return
    leads = {path: each for each in routes.get("pathRules") or () for path in each["paths"]}
    folders = _rewriting(gateway, routes.get("defaultRewriteRuleSet"), domains).folders
    moved = {f"{folder}/*" for folder in folders}
    number = 0
    for path, lead in leads.items():
        if path not in moved:
            number += 1
            yield _rule(gateway, lead, number, _prefix(gateway, path), domains, put_back=False)
    for folder, expression in folders.items():
        lead = leads.get(f"{folder}/*")
        if lead is None:
            raise unsupported(gateway, "urlPathMaps", f"no rule for {folder}/*", "one for each")
        number += 1
        yield _rule(gateway, lead, number, expression, domains, put_back=True)


def _rule(
    gateway: CloudObject,
    lead: _Spec,
    number: int,
    expression: str,
    domains: frozenset[str],
    *,
    put_back: bool,
) -> Rule:
    rewriting = _rewriting(gateway, lead.get("rewriteRuleSet"), domains)
    if rewriting.folders:
        raise unsupported(gateway, "pathRules.rewriteRuleSet", sorted(rewriting.folders), "headers")
    forward = _forward(gateway, lead, rewriting, put_back=put_back)
    return Rule(priority=number, paths=(expression,), action=forward)


def _routes(gateway: CloudObject, rule: _Spec) -> _Spec | None:
    reference = rule.get("urlPathMap")
    return part(gateway, "urlPathMaps", reference) if reference else None


def _forward(
    gateway: CloudObject,
    lead: _Spec,
    rewriting: Rewriting,
    *,
    default: bool = False,
    put_back: bool = False,
) -> Forward:
    """`put_back`: the backend's settings have to take away the folder that the path was moved to,
    and may change nothing else."""
    pool, settings = ("backendAddressPool", "backendHttpSettings")
    if default:
        pool, settings = ("defaultBackendAddressPool", "defaultBackendHttpSettings")
    path = part(gateway, "backendHttpSettingsCollection", lead[settings]).get("path") or None
    if path != ("/" if put_back else None):
        raise unsupported(
            gateway, "backendHttpSettings.path", path, "/ for paths that a rewrite has moved"
        )
    return Forward(target_group=group(gateway, tail(lead[pool])), led_back=rewriting.led_back)


def _prefix(gateway: CloudObject, path: str) -> str:
    """Rules of paths take a `*` at the end alone."""
    whole = path.removesuffix("*")
    if "*" in whole:
        raise unsupported(gateway, "pathRules.paths", path, "* at the end")
    return re.escape(whole) + (".*" if path.endswith("*") else "")


def _redirect(gateway: CloudObject, told: _Spec) -> Redirect:
    if told.get("targetUrl") or not told.get("targetListener"):
        raise unsupported(gateway, "redirectConfigurations", told.get("targetUrl"), "a listener")
    for field in ("includePath", "includeQueryString"):
        if not told.get(field):
            raise unsupported(gateway, field, told.get(field), "True")
    listener = part(gateway, "httpListeners", told["targetListener"])
    return Redirect(
        protocol=str(listener["protocol"]).lower(),
        port=int(part(gateway, "frontendPorts", listener["frontendPort"])["port"]),
        status=_REDIRECTS[told["redirectType"]],
    )


def _rewriting(gateway: CloudObject, reference: _Spec | None, domains: frozenset[str]) -> Rewriting:
    folders: dict[str, str] = {}
    led_back = ""
    listed = part(gateway, "rewriteRuleSets", reference)["rewriteRules"] if reference else ()
    for rule in sorted(listed, key=lambda each: int(each.get("ruleSequence") or 0)):
        conditions: Sequence[_Spec] = rule.get("conditions") or ()
        if len(conditions) != 1 or conditions[0].get("negate"):
            raise _unknown(gateway, rule)
        [condition] = conditions
        done: _Spec = {key: value for key, value in rule["actionSet"].items() if value}
        if condition["variable"] == _PATH and done.keys() == {"urlConfiguration"}:
            folders[_folder(gateway, rule, done["urlConfiguration"])] = _whole(
                gateway, rule, condition
            )
        elif condition["variable"] == _LOCATION and done.keys() == {"responseHeaderConfigurations"}:
            wanted = [
                {"headerName": "Location", "headerValue": f"https://{each}{{{_LOCATION}_1}}"}
                for each in domains
            ]
            told = done["responseHeaderConfigurations"]
            if len(told) != 1 or told[0] not in wanted or not condition.get("ignoreCase"):
                raise _unknown(gateway, rule)
            led_back = condition["pattern"]
        else:
            raise _unknown(gateway, rule)
    return Rewriting(folders=folders, led_back=led_back)


def _folder(gateway: CloudObject, rule: _Spec, told: _Spec) -> str:
    end = f"{{{_PATH}}}"
    path = str(told.get("modifiedPath"))
    if told.get("modifiedQueryString") or not told.get("reroute") or not path.endswith(end):
        raise _unknown(gateway, rule)
    return path.removesuffix(end)


def _whole(gateway: CloudObject, rule: _Spec, condition: _Spec) -> str:
    pattern = str(condition["pattern"])
    if condition.get("ignoreCase") or not (pattern.startswith("^") and pattern.endswith("$")):
        raise _unknown(gateway, rule)
    return pattern[1:-1]


def _unknown(gateway: CloudObject, rule: _Spec) -> UnsupportedLoadBalancerError:
    return unsupported(
        gateway,
        f"rewriteRules.{rule['name']}",
        rule,
        "paths that are moved as a whole, and redirects that are led back to the domain",
    )
