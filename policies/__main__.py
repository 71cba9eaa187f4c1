"""The policy pack starts here."""

from __future__ import annotations

from policies.pack import serve

serve()
