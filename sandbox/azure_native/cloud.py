"""Azure as the check functions see it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.cloud import Cloud, CloudObject


@dataclass(frozen=True, kw_only=True)
class AzureCloud(Cloud):
    """The subscription that the provider was configured for."""

    @property
    def subscription(self) -> str:
        """The subscription's id."""
        return self.variables["subscription"]

    @property
    def tenant(self) -> str:
        """The id of the directory that the subscription trusts."""
        return self.variables["tenant"]

    @property
    def deployer(self) -> str:
        """The object id of whoever deploys."""
        return self.variables["deployer"]

    def everything(self) -> Iterable[CloudObject]:
        """Every object that was created, in the order of creation."""
        return self.find_everything()
