"""`pulumi up` starts here: stack file -> settings -> deployment."""

from __future__ import annotations

import pulumi

from infra import platforms, stack_file
from infra.settings import SettingsError, load
from infra.stack import Deployment

try:
    settings = load(**stack_file.from_engine(), clouds=platforms.CLOUDS, catalog=platforms.catalog)
except SettingsError as error:
    raise pulumi.RunError(str(error)) from None

deployment = Deployment(pulumi.get_stack(), settings, platforms.platform(settings.cloud))
for name, value in deployment.outputs.items():
    pulumi.export(name, value)
