"""What a deployment on AWS consists of, as far as it is billed.

Each module follows the components of the same matter in `components/aws`, and takes every number
from them.
"""

from __future__ import annotations

from infra.settings import Settings
from pricing.inventory import Inventory
from pricing.plans.aws.compute import compute
from pricing.plans.aws.data import data
from pricing.plans.aws.network import network
from pricing.plans.aws.watching import watching
from pricing.plans.models import external_models


def inventory(settings: Settings) -> Inventory:
    """All that AWS and the providers of models bill for."""
    return Inventory(
        cloud="aws",
        region=settings.region,
        things=(
            *compute(settings),
            *network(settings),
            *data(settings),
            *watching(settings),
            *external_models(settings),
        ),
    )
