"""Answers of the clouds' price lists, written by hand in the documented form."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from io import StringIO
from typing import Any, TextIO

from pricing.book import Price
from tools.refresh_prices.source import Unreadable


def row(service: str, sku: str, region: str, unit: str = "hour", usd: str = "1") -> Price:
    """A row of a book that somebody remembered."""
    return Price(
        service=service,
        sku=sku,
        region=region,
        unit=unit,
        usd=Decimal(usd),
        as_of=None,
        source="recollection",
        trust="memory",
    )


class Web:
    """Answers by URL and records what was asked. A URL without an answer cannot be read."""

    def __init__(self, answers: Mapping[str, str]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, Mapping[str, str]]] = []

    @contextmanager
    def fetch(self, url: str, headers: Mapping[str, str]) -> Iterator[TextIO]:
        self.asked.append((url, headers))
        if url not in self.answers:
            raise Unreadable("nobody.example answers 404 Not Found")
        yield StringIO(self.answers[url])


AWS_COLUMNS = (
    *("SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription", "EffectiveDate"),
    *("StartingRange", "EndingRange", "Unit", "PricePerUnit", "Currency"),
    *("LeaseContractLength", "PurchaseOption", "OfferingClass", "Product Family"),
    *("Instance Type", "Tenancy", "Operating System", "Pre Installed S/W", "CapacityStatus"),
    *("Database Engine", "Deployment Option", "Cache Engine", "Volume Type", "Group"),
    *("Queue Type", "Alarm Type", "usageType", "operation"),
)

ABOUT_THE_FILE = (
    ("FormatVersion", "v1.0"),
    ("Disclaimer", "This pricing list is for informational purposes only, and so on."),
    ("Publication Date", "2026-11-20T18:31:15Z"),
    ("Version", "20261120183115"),
    ("OfferCode", "AmazonEC2"),
)


def aws_entry(usage: str, usd: str, **other: str) -> dict[str, str]:
    """An entry on demand; `other` by the name of the column, underscores for spaces."""
    entry = dict.fromkeys(AWS_COLUMNS, "")
    entry |= {
        "SKU": "ABCDEFGHJKLMNPQR",
        "TermType": "OnDemand",
        "PriceDescription": f"${usd} per what it says, with a comma",
        "StartingRange": "0",
        "EndingRange": "Inf",
        "Unit": "Hrs",
        "PricePerUnit": usd,
        "Currency": "USD",
        "usageType": usage,
    }
    return entry | {name.replace("_", " "): value for name, value in other.items()}


def linux(usage: str, usd: str, **other: str) -> dict[str, str]:
    """A Linux machine on shared hardware."""
    entry = aws_entry(
        usage,
        usd,
        operation="RunInstances",
        Tenancy="Shared",
        Operating_System="Linux",
        CapacityStatus="Used",
    )
    return entry | {"Pre Installed S/W": "NA"} | {n.replace("_", " "): v for n, v in other.items()}


def reserved(entry: Mapping[str, str], years: int, option: str, **other: str) -> dict[str, str]:
    """The same thing, paid for some years."""
    term = {
        "TermType": "Reserved",
        "LeaseContractLength": f"{years}yr",
        "PurchaseOption": option,
        "OfferingClass": "standard",
        "StartingRange": "",
        "EndingRange": "",
    }
    return {**entry, **term, **{name.replace("_", " "): value for name, value in other.items()}}


def aws_file(*entries: Mapping[str, str], columns: Iterable[str] = AWS_COLUMNS) -> str:
    """A bulk file: some lines about itself, a heading, the entries; every cell in quotes."""
    columns = tuple(columns)
    lines: list[Iterable[str]] = [*ABOUT_THE_FILE, columns]
    lines += [[entry[column] for column in columns] for entry in entries]
    return "".join(",".join(f'"{cell}"' for cell in line) + "\r\n" for line in lines)


def azure_item(usd: float, **other: Any) -> dict[str, Any]:  # noqa: ANN401
    """A machine of Azure's list."""
    return {
        "currencyCode": "USD",
        "tierMinimumUnits": 0.0,
        "retailPrice": usd,
        "unitPrice": usd,
        "armRegionName": "eastus",
        "location": "US East",
        "effectiveStartDate": "2023-04-01T00:00:00Z",
        "meterId": "000a794b-bdb0-58be-a0cd-0c3a0f222923",
        "meterName": "D4s v5",
        "productId": "DZH318Z08NMJ",
        "productName": "Virtual Machines Dsv5 Series",
        "skuName": "D4s v5",
        "serviceName": "Virtual Machines",
        "serviceFamily": "Compute",
        "unitOfMeasure": "1 Hour",
        "type": "Consumption",
        "isPrimaryMeterRegion": True,
        "armSkuName": "Standard_D4s_v5",
        **other,
    }


def azure_page(*items: Mapping[str, Any], following: str | None = None) -> str:
    """One page of an answer."""
    return json.dumps(
        {
            "BillingCurrency": "USD",
            "CustomerEntityId": "Default",
            "CustomerEntityType": "Retail",
            "Items": items,
            "NextPageLink": following,
            "Count": len(items),
        }
    )


def google_sku(
    description: str,
    *steps: tuple[float, str, int],
    usage: str = "OnDemand",
    regions: Iterable[str] = ("us-central1", "us-east1"),
) -> dict[str, Any]:
    """An entry; a step is where it begins, whole dollars and billionths of a dollar."""
    return {
        "name": "services/6F81-5844-456A/skus/0008-F633-76AA",
        "skuId": "0008-F633-76AA",
        "description": description,
        "category": {
            "serviceDisplayName": "Compute Engine",
            "resourceFamily": "Compute",
            "resourceGroup": "CPU",
            "usageType": usage,
        },
        "serviceRegions": list(regions),
        "pricingInfo": [
            {
                "summary": "",
                "pricingExpression": {
                    "usageUnit": "h",
                    "displayQuantity": 1,
                    "tieredRates": [
                        {
                            "startUsageAmount": begins,
                            "unitPrice": {"currencyCode": "USD", "units": units, "nanos": nanos},
                        }
                        for begins, units, nanos in steps
                    ],
                },
                "currencyConversionRate": 1,
                "effectiveTime": "2026-11-22T10:34:28.424Z",
            }
        ],
        "serviceProviderName": "Google",
    }


def google_page(*skus: Mapping[str, Any], following: str = "") -> str:
    """One page of the catalog."""
    return json.dumps({"skus": skus, "nextPageToken": following})
