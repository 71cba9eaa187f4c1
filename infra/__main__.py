"""`pulumi up` starts here: stack file -> settings -> deployment."""

from __future__ import annotations

import atexit
import gc
import sys
import warnings

# The program lives for seconds and frees next to nothing; collecting cost a third of its time
# (medium: 4.3 s of CPU with it, 3.0 s without).
gc.disable()
# The interpreter would collect once more as it ends: another second.
atexit.register(gc.freeze)

import pulumi  # noqa: E402

from infra import cost, platforms, stack_file  # noqa: E402
from infra.settings import SettingsError, load  # noqa: E402
from infra.stack import Deployment  # noqa: E402

REPORTED = 32
"""Exit status by which a program tells Pulumi's language host that it has said what is wrong
(`pulumi-language-python-exec`); after any other the host adds an error of its own."""

# The SDK sends each of its debug lines, several a resource, to the engine in a blocking call.
pulumi.log.debug = lambda *_args, **_options: None


def main() -> None:
    """Deploy the stack."""
    settings = load(**stack_file.from_engine(), clouds=platforms.CLOUDS, catalog=platforms.catalog)
    platform = platforms.platform(settings.cloud)
    cost.Record(pulumi.get_stack())
    deployment = Deployment(pulumi.get_stack(), settings, platform)
    for name, value in deployment.outputs.items():
        pulumi.export(name, value)


try:
    main()
except (SettingsError, platforms.SdkMissing, pulumi.RunError) as error:
    pulumi.log.error(str(error))
    # Registrations under way are dropped with the program; Python need not tell the user.
    warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
    sys.exit(REPORTED)
