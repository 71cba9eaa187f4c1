"""Roles that a cloud's cluster takes over where the site has one, and those that it alone has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

import pulumi

from components.args import EmbeddingArgs, LlmArgs
from components.offer import Catalog
from components.roles import Embedding, ModelServer, Reference

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


def embedding_on(catalog: Catalog) -> Make[EmbeddingArgs, _Site, Embedding]:
    """Constructor of a server of embeddings, on the machines of the catalog."""

    def make(
        name: str, args: EmbeddingArgs, site: _Site, opts: pulumi.ResourceOptions
    ) -> Embedding:
        from components.workloads import models
        from components.workloads.cluster import required

        return models.embedding(name, args, required(name, site.kubernetes), catalog, opts)

    return make


def llm_on(
    catalog: Catalog,
) -> Callable[[str, LlmArgs, Mapping[str, Reference], _Site, pulumi.ResourceOptions], ModelServer]:
    """Constructor of a server of language models, on the machines of the catalog."""

    def make(
        name: str,
        args: LlmArgs,
        references: Mapping[str, Reference],
        site: _Site,
        opts: pulumi.ResourceOptions,
    ) -> ModelServer:
        from components.workloads import models
        from components.workloads.cluster import required

        cluster = required(name, site.kubernetes)
        return models.llm(name, args, references, cluster, catalog, opts)

    return make
