"""Regions that a price can be of, and the part of the world in which each lies."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

EVERYWHERE: Final = ("any", "global")
"""In place of a region: the price is the same in every one."""

_BY_PART: Final = {
    "everywhere": EVERYWHERE,
    "north america": (
        # AWS, some of whose names Aliyun shares
        *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "ca-west-1"),
        "mx-central-1",
        # Google Cloud
        *("us", "us-central1", "us-east1", "us-east4", "us-east5", "us-south1"),
        *("us-west1", "us-west2", "us-west3", "us-west4"),
        *("northamerica-northeast1", "northamerica-northeast2"),
        # Azure
        *("eastus", "eastus2", "centralus", "northcentralus", "southcentralus", "westcentralus"),
        *("westus", "westus2", "westus3", "canadacentral", "canadaeast"),
        # services that name no cloud's region
        *("us-east", "aws-us-east-1"),
    ),
    "south america": ("sa-east-1", "southamerica-east1", "southamerica-west1", "brazilsouth"),
    "europe": (
        *("eu-central-1", "eu-central-2", "eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1"),
        *("eu-south-1", "eu-south-2"),
        *("eu", "europe-central2", "europe-north1", "europe-southwest1", "europe-west1"),
        *("europe-west2", "europe-west3", "europe-west4", "europe-west6", "europe-west8"),
        *("europe-west9", "europe-west10", "europe-west12"),
        *("westeurope", "northeurope", "uksouth", "ukwest", "francecentral", "germanywestcentral"),
        *("swedencentral", "switzerlandnorth", "norwayeast", "italynorth", "polandcentral"),
        "spaincentral",
    ),
    "middle east": (
        *("me-south-1", "me-central-1", "il-central-1", "me-west1", "me-central1", "me-central2"),
        *("me-east-1", "uaenorth", "israelcentral", "qatarcentral"),
    ),
    "africa": ("af-south-1", "africa-south1", "southafricanorth"),
    "asia": (
        *("ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
        *("ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-3", "ap-southeast-5"),
        *("ap-southeast-6", "ap-southeast-7"),
        *("asia", "asia-east1", "asia-east2", "asia-northeast1", "asia-northeast2"),
        *("asia-northeast3", "asia-south1", "asia-south2", "asia-southeast1", "asia-southeast2"),
        *("eastasia", "southeastasia", "japaneast", "japanwest", "koreacentral", "centralindia"),
    ),
    "china": (
        *("cn-hangzhou", "cn-shanghai", "cn-beijing", "cn-shenzhen", "cn-hongkong"),
        *("cn-zhangjiakou", "cn-qingdao", "cn-chengdu", "cn-guangzhou"),
    ),
    "australia": ("ap-southeast-2", "ap-southeast-4", "australia-southeast1", "australiaeast"),
    # Google Cloud sells Cloud Run in two tiers of regions; this is the dearer one.
    "tier 2": ("tier2",),
}

REGIONS: Final = MappingProxyType(
    {region: part for part, regions in _BY_PART.items() for region in regions}
)
"""Name of a region -> part of the world."""
