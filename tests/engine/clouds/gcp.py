"""Google Cloud: what of a stack holds data or opens it."""

from __future__ import annotations

from tests.engine.clouds import Told

TOLD = Told(
    data=(
        "gcp:kms/cryptoKey:CryptoKey",
        "gcp:kms/keyRing:KeyRing",
        "gcp:secretmanager/secret:Secret",
        "gcp:sql/database:Database",
        "gcp:sql/databaseInstance:DatabaseInstance",
        "gcp:storage/bucket:Bucket",
    ),
)
