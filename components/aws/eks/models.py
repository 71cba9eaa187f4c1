"""Models on EKS: what all clusters have in common, on machines of AWS's catalog."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.args import EmbeddingArgs, LlmArgs
from components.aws.offer import CATALOG
from components.aws.site import Site
from components.roles import Embedding, ModelServer, Reference
from components.workloads import models
from components.workloads.cluster import required


def embedding(
    name: str, args: EmbeddingArgs, site: Site, opts: pulumi.ResourceOptions
) -> Embedding:
    """Machines of the pool `embedding` and the server on them."""
    return models.embedding(name, args, required(name, site.kubernetes), CATALOG, opts)


def llm(
    name: str,
    args: LlmArgs,
    references: Mapping[str, Reference],
    site: Site,
    opts: pulumi.ResourceOptions,
) -> ModelServer:
    """Machines of the pool `llm` and the server on them."""
    return models.llm(name, args, references, required(name, site.kubernetes), CATALOG, opts)
