"""Service accounts: who a container is, and which secrets it may read."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_gcp import secretmanager, serviceaccount

from components.gcp.secrets import READ
from components.gcp.site import Site
from components.roles import Reference


class Identity(pulumi.ComponentResource):
    """A service account that may read what its containers refer to, and nothing else."""

    email: pulumi.Output[str]
    """The account's address, known at preview."""
    ready: tuple[pulumi.Resource, ...]
    """What has to be there before a container starts."""

    def __init__(
        self,
        name: str,
        site: Site,
        references: Mapping[str, Reference],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("letta:gcp:Identity", name, {}, opts)
        place = site.place
        account = serviceaccount.Account(
            name,
            account_id=pulumi.Output.concat(name, "-", site.network.suffix),
            display_name=f"Containers of {name}",
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.email = account.account_id.apply(place.account)
        self.ready = tuple(
            secretmanager.SecretIamMember(
                f"{name}-{variable.lower().replace('_', '-')}",
                secret_id=reference.readable,
                role=READ,
                member=pulumi.Output.concat("serviceAccount:", self.email),
                opts=pulumi.ResourceOptions(parent=self, depends_on=[account]),
            )
            for variable, reference in sorted(references.items())
        )
        self.register_outputs({"email": self.email})
