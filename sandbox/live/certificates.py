"""Certificates that sign themselves: who is told to trust one verifies names as ever."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

DAYS = 365


def make(certificate: Path, key: Path, *, names: Iterable[str], addresses: Iterable[str]) -> str:
    """Make a certificate for host names and IP addresses, and its key; what went wrong, if
    anything did."""
    alternatives = (*(f"DNS:{name}" for name in names), *(f"IP:{each}" for each in addresses))
    done = subprocess.run(
        [
            *("openssl", "req", "-x509", "-noenc", "-newkey", "ec"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-days", str(DAYS)),
            *("-subj", "/CN=letta-cloud live sandbox"),
            *("-addext", f"subjectAltName={','.join(alternatives)}"),
            *("-keyout", key, "-out", certificate),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr.strip() or "no reason given" if done.returncode else ""
