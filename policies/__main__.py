"""The policy pack starts here."""

from __future__ import annotations

import gc

from policies.pack import serve

# The pack lives for one preview and frees next to nothing.
gc.disable()

serve()
