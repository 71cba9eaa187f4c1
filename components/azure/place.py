"""Where a stack lives, and the names and ids that follow from it.

What Azure reports of an object, its name and id too, is unknown until the object exists: the
provider shows none of it at preview. Names are therefore given here, and ids are made of them, so
that policies can read at preview what refers to what.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

SUFFIX_DIGITS = 6
"""Hexadecimal digits that tell deployments apart: 16 million."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Subscription, region and resource group of a stack."""

    region: str
    subscription: str
    tenant: str
    group_name: str
    """The resource group's name."""
    group: pulumi.Output[str]
    """The same, known at preview; what takes it waits for the group."""
    suffix: str
    """Digits for names that are one for all customers of Azure."""
    tags: Mapping[str, str]
    """Tags of every resource: the provider sets none by itself."""

    def named(self, name: str) -> str:
        """A name that no other deployment has."""
        return f"{name}-{self.suffix}"

    def path(self, rest: str) -> str:
        """Id of what is in the resource group, from `Microsoft.…/kind/name`."""
        return (
            f"/subscriptions/{self.subscription}/resourceGroups/{self.group_name}/providers/{rest}"
        )

    def of(self, resource: pulumi.Resource, rest: str) -> pulumi.Output[str]:
        """Id of `resource`, from `Microsoft.…/kind/name`: known at preview, and what takes it waits
        for the resource."""
        return after(self.path(rest), resource)

    @property
    def group_id(self) -> pulumi.Output[str]:
        """Id of the resource group, known at preview; what takes it waits for the group."""
        return self.group.apply(
            lambda name: f"/subscriptions/{self.subscription}/resourceGroups/{name}"
        )

    def role(self, role: str) -> str:
        """Id of a built-in role."""
        return (
            f"/subscriptions/{self.subscription}/providers/Microsoft.Authorization/"
            f"roleDefinitions/{role}"
        )


def after(text: str, *resources: pulumi.Resource) -> pulumi.Output[str]:
    """A text known at preview, for whoever must wait for the resources."""
    return pulumi.Output.all(*(resource.urn for resource in resources)).apply(lambda _: text)


def suffix(subscription: str, stack: str) -> str:
    """Digits that differ between subscriptions and between stacks in one."""
    return hashlib.sha256(f"{subscription}/{stack}".encode()).hexdigest()[:SUFFIX_DIGITS]
