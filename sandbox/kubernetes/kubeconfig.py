"""The arguments of a `kubernetes` provider: which cluster they name.

A cluster is known by the address of its API server. That address takes the place of a region: the
objects of two clusters do not see each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from sandbox.configuration import Configuration, ConfigurationError
from sandbox.values import Unknown, Value

_IGNORED: Final = frozenset(
    {
        "alwaysRender",
        "clusterIdentifier",
        "deleteUnreachable",
        "enablePatchForce",
        "enableServerSideApply",
        "helmReleaseSettings",
        "kubeClientSettings",
        "skipUpdateUnreachable",
        "suppressDeprecationWarnings",
        "suppressHelmHookWarnings",
        "version",
    }
)
_READ: Final = frozenset({"cluster", "context", "kubeconfig", "namespace"})


@dataclass(frozen=True, kw_only=True)
class Kubeconfig:
    """What a kubeconfig says of its current context."""

    server: str
    certificate_authority: str
    namespace: str | None


def configure(arguments: Mapping[str, Any], account: Mapping[str, Any]) -> Configuration:
    """Read the arguments of a `kubernetes` provider. Raises ConfigurationError."""
    for name in arguments.keys() - _IGNORED - _READ:
        raise ConfigurationError(
            name,
            "the sandbox does not simulate it: leave it out; it knows "
            + ", ".join(sorted(_IGNORED | _READ)),
        )
    text = arguments.get("kubeconfig")
    if not text and not arguments.get("context"):
        raise ConfigurationError(
            "kubeconfig",
            "there is none, and no context of the simulated one is named: give its text, or one "
            "of the contexts of sandbox/kubernetes/account.yaml",
        )
    if not text:
        return _deployers_own(arguments, account)
    found = read(text, context=arguments.get("context"), cluster=arguments.get("cluster"))
    namespace = arguments.get("namespace") or found.namespace or "default"
    return Configuration(
        region=found.server,
        variables={
            "namespace": namespace,
            "certificate_authority": found.certificate_authority,
            "delete_unreachable": str(arguments.get("deleteUnreachable", False)).lower(),
        },
    )


def _deployers_own(arguments: Mapping[str, Any], account: Mapping[str, Any]) -> Configuration:
    """A context of the kubeconfig of whoever deploys, which the account holds."""
    contexts: Mapping[str, Mapping[str, str]] = account.get("contexts") or {}
    name = str(arguments.get("context"))
    if name not in contexts:
        raise ConfigurationError(
            "context",
            f"{name!r} is none of the contexts of the simulated kubeconfig: "
            f"{', '.join(contexts)}; name one of them, or give the text of a kubeconfig",
        )
    return Configuration(
        region=contexts[name]["server"],
        variables={
            "namespace": arguments.get("namespace") or "default",
            "certificate_authority": "",
            "delete_unreachable": str(arguments.get("deleteUnreachable", False)).lower(),
            "version": contexts[name]["version"],
        },
    )


def moved_cluster(old: Mapping[str, Any], new: Mapping[str, Any]) -> Collection[str]:
    """Another cluster is other objects. An address that is not known yet counts as the same."""
    named = old.get("clusterIdentifier"), new.get("clusterIdentifier")
    if any(isinstance(value, Unknown) for value in named):
        return []
    if any(named):
        return ["clusterIdentifier"] if named[0] != named[1] else []
    servers = [_server(arguments) for arguments in (old, new)]
    return ["kubeconfig"] if None not in servers and servers[0] != servers[1] else []


def _server(arguments: Mapping[str, Any]) -> str | None:
    text = arguments.get("kubeconfig")
    if not isinstance(text, str):
        return None
    try:
        return read(text, context=arguments.get("context"), cluster=None).server
    except ConfigurationError:
        return None


def read(text: Value, *, context: str | None, cluster: str | None) -> Kubeconfig:
    """The cluster of the current context. Raises ConfigurationError."""
    try:
        config = yaml.safe_load(text) if isinstance(text, str) else text
    except yaml.YAMLError as error:
        raise _wrong(f"it is neither JSON nor YAML: {error}") from error
    if not isinstance(config, dict):
        raise _wrong("it is the path of a file or no configuration: give its text")
    contexts = _by_name(config.get("contexts"), "contexts")
    current = context or config.get("current-context")
    if current not in contexts:
        raise _wrong(
            f"its context {current!r} is none of its contexts: {', '.join(contexts) or 'none'}"
        )
    chosen = contexts[current].get("context") or {}
    clusters = _by_name(config.get("clusters"), "clusters")
    name = cluster or chosen.get("cluster")
    if name not in clusters:
        raise _wrong(f"its cluster {name!r} is none of its clusters: {', '.join(clusters)}")
    user = _by_name(config.get("users"), "users").get(str(chosen.get("user")))
    if user is None:
        raise _wrong(f"its user {chosen.get('user')!r} is none of its users")
    _check_user(user.get("user") or {})
    described = clusters[name].get("cluster") or {}
    server = described.get("server")
    if not isinstance(server, str) or not server.startswith("https://"):
        raise _wrong(f"the server of its cluster {name!r} is {server!r}: an https:// address")
    return Kubeconfig(
        server=server,
        certificate_authority=str(described.get("certificate-authority-data") or ""),
        namespace=chosen.get("namespace"),
    )


def _by_name(entries: Value, what: str) -> dict[str, dict[str, Any]]:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise _wrong(f"it has no list `{what}`")
    return {str(entry.get("name")): entry for entry in _dicts(entries)}


def _dicts(entries: Iterable[Any]) -> Iterable[dict[str, Any]]:
    return (entry for entry in entries if isinstance(entry, dict))


def _check_user(user: Mapping[str, Any]) -> None:
    plugin = user.get("exec")
    if isinstance(plugin, dict):
        if not str(plugin.get("apiVersion")).startswith("client.authentication.k8s.io/v1"):
            raise _wrong(
                f"the apiVersion of its credential plugin is {plugin.get('apiVersion')!r}: use "
                "client.authentication.k8s.io/v1beta1"
            )
        if not plugin.get("command"):
            raise _wrong("its credential plugin names no command")
    elif not (user.get("token") or user.get("client-certificate-data")):
        raise _wrong(
            "its user has no credentials: an `exec` plugin such as `aws eks get-token`, a token, "
            "or a client certificate"
        )


def _wrong(reason: str) -> ConfigurationError:
    return ConfigurationError("kubeconfig", reason)
