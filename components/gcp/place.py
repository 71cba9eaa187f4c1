"""Where a stack lives, and the names that follow from it.

An id that Google reports is unknown until its object exists; one made here from a name that the
provider chose at preview is known at preview, so policies can read what holds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Place:
    """Region and project of a stack."""

    region: str
    project: str
    """The project's id."""
    number: str
    """The project's number, by which Google names its own accounts in it."""
    labels: Mapping[str, str]
    """Labels of what the provider cannot label itself."""

    def agent(self, service: str) -> str:
        """IAM member that stands for one of Google's services in this project (IAM documentation,
        "Service agents")."""
        return f"serviceAccount:service-{self.number}@{service}.iam.gserviceaccount.com"

    def account(self, account_id: str) -> str:
        """E-mail address of a service account of this project."""
        return f"{account_id}@{self.project}.iam.gserviceaccount.com"

    def path(self, rest: str) -> str:
        """Resource name below the project."""
        return f"projects/{self.project}/{rest}"

    def located(self, rest: str) -> str:
        """Resource name below the region."""
        return self.path(f"locations/{self.region}/{rest}")


def labels(tags: Mapping[str, str]) -> dict[str, str]:
    """Tags as labels: their keys have lower-case letters, digits, `_` and `-` only (Resource
    Manager documentation, "Requirements for labels")."""
    return {key.replace(":", "-").lower(): value for key, value in tags.items()}
