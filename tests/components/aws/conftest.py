"""Arguments and sites that tests of components share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.args import IngressArgs, MonitoringArgs
from components.aws.site import Site, site
from components.roles import SiteArgs

INGRESS: dict[str, dict[str, Any]] = {
    "load_balancer": {
        "kind": "load_balancer",
        "domain": "letta.example.com",
        "hosted_zone": "example.com",
        "nat": "per_zone",
    },
    "proxy": {"kind": "proxy", "domain": "letta.example.com", "nat": "none"},
}

MakeSiteArgs = Callable[..., SiteArgs]
MakeSite = Callable[..., Site]


@pytest.fixture(scope="session")
def site_args() -> MakeSiteArgs:
    """Maker of a site's arguments; keywords other than its own go to the ingress."""

    def make(
        kind: str = "load_balancer",
        *,
        emails: tuple[str, ...] = (),
        alert_usd: float | None = None,
        provider_secrets: dict[str, str] | None = None,
        existing_secrets: dict[str, str] | None = None,
        **ingress: Any,  # noqa: ANN401  (fields of the arguments)
    ) -> SiteArgs:
        return SiteArgs(
            ingress=IngressArgs(**{**INGRESS[kind], **ingress}),
            monitoring=MonitoringArgs(alarm_emails=emails),
            provider_secrets={
                variable: pulumi.Output.secret(value)
                for variable, value in (provider_secrets or {}).items()
            },
            existing_secrets=existing_secrets or {},
            alert_usd=alert_usd,
        )

    return make


@pytest.fixture
def make_site(site_args: MakeSiteArgs) -> MakeSite:
    """Maker of a site named `letta-test`; to be called inside a running program."""

    def make(kind: str = "load_balancer", **changes: Any) -> Site:  # noqa: ANN401
        return site("letta-test", site_args(kind, **changes), pulumi.ResourceOptions())

    return make
