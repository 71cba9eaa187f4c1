"""Write `components/aws/data/` anew from the published data in the development dependencies.

    python tools/refresh_catalog.py           write the files
    python tools/refresh_catalog.py --check   exit 1 and name the files that differ

Sources: moto's snapshots of DescribeInstanceTypes and DescribeInstanceTypeOfferings, cfn-lint's
lists of database classes and cache node types by region, botocore's list of commercial regions.
`cache_maxmemory.csv` is kept by hand: its figures are published only as a page of the ElastiCache
user guide.
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import json
import re
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent.parent / "components" / "aws" / "data"
SOURCES = "sources.json"

# fmt: off
EC2_FAMILIES = frozenset([
    "t3", "t3a", "t4g", "m5", "m6i", "m6g", "m7g", "m7i", "m8g", "c5", "c6i", "c6g", "c7g",
    "r5", "r6g", "r7g", "r8g", "g4dn", "g5", "g6", "g6e", "g7", "g7e",
    "p4d", "p4de", "p5", "p5e", "p5en", "p6-b200", "p6-b300",
])
# fmt: on
RDS_FAMILIES = frozenset(["t3", "t4g", "m5", "m6g", "m7g", "m8g", "r5", "r6g", "r7g", "r8g"])
CACHE_FAMILIES = frozenset(["t3", "t4g", "m5", "m6g", "m7g", "r5", "r6g", "r7g"])

_SIZES = ("nano", "micro", "small", "medium", "large", "xlarge")

Offerings = Mapping[str, Mapping[str, str]]
"""Region -> type name -> letters of the zones that offer it, empty where zones are not published"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check: bool = parser.parse_args().check
    written = _extract()
    sources = _sources()
    if check:
        committed = json.loads((DATA / SOURCES).read_text(encoding="utf-8"))
        stale = [name for name, text in written.items() if (DATA / name).read_text("utf-8") != text]
        if committed["packages"] != sources["packages"]:
            stale.append(SOURCES)
        for name in stale:
            print(f"{name} differs from what the installed packages give", file=sys.stderr)
        return 1 if stale else 0
    for name, text in {**written, SOURCES: json.dumps(sources, indent=2) + "\n"}.items():
        (DATA / name).write_text(text, encoding="utf-8")
    return 0


def _sources() -> dict[str, Any]:
    schema_date = json.loads(_package_file("cfnlint", "data/schemas/version.json"))["schema_date"]
    return {
        "refreshed": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "packages": {
            "botocore": {"version": version("botocore"), "gives": "commercial regions"},
            "cfn-lint": {
                "version": version("cfn-lint"),
                "schema_date": schema_date,
                "gives": "database classes for PostgreSQL and cache node types, by region",
            },
            "moto": {
                "version": version("moto"),
                "gives": "EC2 instance types, and which zones offer them",
            },
        },
        "by_hand": {
            "cache_maxmemory.csv": "ElastiCache user guide, Valkey and Redis OSS node-type "
            "specific parameters (maxmemory)"
        },
    }


def _extract() -> dict[str, str]:
    """The text of each generated file, by name."""
    regions = sorted(_commercial_regions() & _regions_with_zones())
    every = {region: _zone_offerings(region) for region in regions}
    ec2 = {
        region: {name: zones for name, zones in types.items() if _wanted(name, EC2_FAMILIES)}
        for region, types in every.items()
    }
    return {
        "zones.csv": _csv(
            "region,zones",
            (
                [region, "".join(sorted({*"".join(types.values())}))]
                for region, types in every.items()
            ),
        ),
        "instance_types.csv": _instance_types({name for types in ec2.values() for name in types}),
        "ec2_offerings.csv": _offerings(ec2),
        "rds_offerings.csv": _offerings({region: _rds_classes(region) for region in regions}),
        "elasticache_offerings.csv": _offerings(
            {region: _cache_node_types(region) for region in regions}
        ),
    }


def _commercial_regions() -> set[str]:
    partitions = json.loads(_package_file("botocore", "data/partitions.json"))["partitions"]
    return {r for partition in partitions if partition["id"] == "aws" for r in partition["regions"]}


def _regions_with_zones() -> set[str]:
    """moto carries offerings for the regions that its snapshot's account could see."""
    folder = files("moto") / "ec2/resources/instance_type_offerings/availability-zone"
    return {entry.name.removesuffix(".json.gz") for entry in folder.iterdir()}


def _zone_offerings(region: str) -> dict[str, str]:
    path = f"ec2/resources/instance_type_offerings/availability-zone/{region}.json.gz"
    letters: dict[str, set[str]] = {}
    for offering in json.loads(gzip.decompress(_package_file("moto", path))):
        zone = str(offering["Location"]).removeprefix(region)
        letters.setdefault(offering["InstanceType"], set()).add(zone)
    return {name: "".join(sorted(zones)) for name, zones in letters.items()}


def _instance_types(names: set[str]) -> str:
    published = json.loads(
        gzip.decompress(_package_file("moto", "ec2/resources/instance_types.json.gz"))
    )
    header = (
        "name,vcpus,memory_gib,architecture,max_enis,addresses_per_eni,"
        "gpus,gpu_model,gpu_memory_gib,local_nvme_gb,current_generation"
    )
    return _csv(header, (_instance_type(published[name]) for name in sorted(names, key=_order)))


def _instance_type(published: Mapping[str, Any]) -> list[str]:
    gpu_info = published.get("GpuInfo", {"Gpus": [], "TotalGpuMemoryInMiB": 0})
    models = {f"{gpu['Manufacturer']} {gpu['Name']}" for gpu in gpu_info["Gpus"]}
    network = published["NetworkInfo"]
    storage = published.get("InstanceStorageInfo", {"TotalSizeInGB": 0, "NvmeSupport": "required"})
    return [
        published["InstanceType"],
        str(published["VCpuInfo"]["DefaultVCpus"]),
        _gib(published["MemoryInfo"]["SizeInMiB"]),
        published["ProcessorInfo"]["SupportedArchitectures"][-1],
        str(network["NetworkCards"][0]["MaximumNetworkInterfaces"]),
        str(network["Ipv4AddressesPerInterface"]),
        str(sum(gpu["Count"] for gpu in gpu_info["Gpus"])),
        " and ".join(sorted(models)),
        _gib(gpu_info["TotalGpuMemoryInMiB"]),
        str(storage["TotalSizeInGB"] if storage["NvmeSupport"] == "required" else 0),
        "yes" if published["CurrentGeneration"] else "no",
    ]


def _rds_classes(region: str) -> dict[str, str]:
    """The union over the branches for `postgres`: they differ only in how a licence is named."""
    path = "data/schemas/extensions/aws_rds_dbinstance/dbinstanceclass_enum.json"
    branches = json.loads(_package_file("cfnlint", path))[region]["allOf"]
    return {
        name: ""
        for branch in branches
        if branch["if"]["properties"]["Engine"].get("const") == "postgres"
        for name in branch["then"]["properties"]["DBInstanceClass"]["enum"]
        if _wanted(name.removeprefix("db."), RDS_FAMILIES)
    }


def _cache_node_types(region: str) -> dict[str, str]:
    path = "data/schemas/extensions/aws_elasticache_cachecluster/cachenodetype_enum.json"
    return {
        name: ""
        for name in json.loads(_package_file("cfnlint", path))[region]["enum"]
        if _wanted(name.removeprefix("cache."), CACHE_FAMILIES)
    }


def _offerings(by_region: Offerings) -> str:
    """One line for the sizes of a family that share their zones: readable, and diffs stay small."""
    rows = []
    for region, offered in by_region.items():
        groups: dict[tuple[str, str], list[str]] = {}
        for name in sorted(offered, key=_order):
            family, _, size = name.rpartition(".")
            groups.setdefault((family, offered[name]), []).append(size)
        rows += [[region, family, zones, " ".join(s)] for (family, zones), s in groups.items()]
    return _csv("region,family,zones,sizes", rows)


def _wanted(name: str, families: frozenset[str]) -> bool:
    """Bare metal is left out: nothing in this project runs on it."""
    family, _, size = name.partition(".")
    return family in families and not size.startswith("metal")


def _order(name: str) -> tuple[str, int, int]:
    """Families by name, sizes from nano upward."""
    family, _, size = name.rpartition(".")
    multiple = re.fullmatch(r"(\d+)xlarge", size)
    return (family, len(_SIZES), int(multiple[1])) if multiple else (family, _SIZES.index(size), 0)


def _gib(mib: int) -> str:
    return f"{mib / 1024:g}"


def _csv(header: str, rows: Iterable[list[str]]) -> str:
    return "".join(f"{line}\n" for line in [header, *(",".join(row) for row in rows)])


def _package_file(package: str, path: str) -> bytes:
    return (files(package) / path).read_bytes()


if __name__ == "__main__":
    sys.exit(main())
