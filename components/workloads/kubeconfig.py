"""Kubeconfig: how the engine reaches a cluster that it has made; nothing secret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

_USER = "deployer"


def connect(
    name: str,
    cluster: pulumi.Output[str],
    kubeconfig: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> kubernetes.Provider:
    """The provider of all objects of a cluster. `cluster`: its name, known at preview."""
    return kubernetes.Provider(
        name,
        kubeconfig=kubeconfig,
        # What the cluster's objects are bound to: a change of the kubeconfig alone replaces
        # none of them.
        cluster_identifier=cluster,
        enable_server_side_apply=True,
        opts=opts,
    )


def kubeconfig(
    kind: str,
    *,
    server: pulumi.Input[str],
    certificate: pulumi.Input[str],
    command: str,
    arguments: Sequence[pulumi.Input[str]] = (),
    further: Mapping[str, Any] | None = None,
) -> pulumi.Output[str]:
    """Connection by a token that the cloud's own program fetches for whoever deploys.

    `kind`: such as `eks`, the context's name. `server`: address of the API server, `https://…`.
    `certificate`: of its authority, in base64. `further`: fields of the `exec` of the user.
    """
    user = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": command,
            "args": list(arguments),
            "interactiveMode": "Never",
            **(further or {}),
        }
    }
    described = {"server": server, "certificate-authority-data": certificate}
    return pulumi.Output.json_dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": kind, "cluster": described}],
            "users": [{"name": _USER, "user": user}],
            "contexts": [{"name": kind, "context": {"cluster": kind, "user": _USER}}],
            "current-context": kind,
        }
    )
