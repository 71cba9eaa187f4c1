"""The good resources of Google Cloud, and by which provider they are made."""

from __future__ import annotations

from tests.sandbox.gcp.good_stores import GOODS
from tests.sandbox.good import Tried

TRIED = Tried(goods=GOODS, arguments={"project": "my-project", "region": "us-central1"})
