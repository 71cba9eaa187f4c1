"""Roles that a cloud's cluster takes over where the site has one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import pulumi

T = TypeVar("T")
ArgsT = TypeVar("ArgsT")
SiteT = TypeVar("SiteT", bound="_Site")
Make = Callable[[str, ArgsT, SiteT, pulumi.ResourceOptions], T]


class _Site(Protocol):
    @property
    def kubernetes(self) -> Any:  # noqa: ANN401  (each cloud has its own kind of cluster)
        """The cluster, if there is one."""


def by_cluster(
    on_cluster: Callable[[], Make[ArgsT, SiteT, T]], otherwise: Make[ArgsT, SiteT, T]
) -> Make[ArgsT, SiteT, T]:
    """A role's constructor: on the site's cluster, or without one. `on_cluster` gives the first
    when it is needed, so that what it imports is imported by no other stack."""

    def make(name: str, args: ArgsT, site: SiteT, opts: pulumi.ResourceOptions) -> T:
        chosen = on_cluster() if site.kubernetes else otherwise
        return chosen(name, args, site, opts)

    return make
