"""Where a stack lives, and the names that follow from it.

An id that Alibaba Cloud reports is unknown until its object exists, and the provider names hardly
anything by itself: what must be unique in an account, or in the world, ends in digits that are made
here, and so is known at preview.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

SUFFIX_DIGITS = 7
"""Hexadecimal digits, as many as the engine itself appends to names."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Region and account of a stack."""

    region: str
    account: str
    """Id of the account."""
    suffix: str
    """Digits that differ between accounts, regions, projects, stacks and deployments."""
    tags: Mapping[str, str]
    """Tags of every resource: the provider has none of its own."""

    def unique(self, name: str) -> str:
        """A name with the deployment's own digits."""
        return f"{name}-{self.suffix}"

    def arn(self, service: str, rest: str, region: str = "*") -> str:
        """Resource name of the account, `acs:oss:*:<account>:<rest>` (RAM user guide, "Policy
        elements")."""
        return f"acs:{service}:{region}:{self.account}:{rest}"

    def role(self, name: str) -> str:
        """Resource name of a role of the account."""
        return f"acs:ram::{self.account}:role/{name}"


def suffix(*parts: str) -> str:
    """The digits that belong to account, region, project, stack and name of a deployment."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:SUFFIX_DIGITS]
