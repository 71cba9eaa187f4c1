"""`pulumi up` starts here: stack file -> settings -> deployment."""

from __future__ import annotations

import sys

import pulumi

from infra import platforms, stack_file
from infra.settings import SettingsError, load
from infra.stack import Deployment

REPORTED = 32
"""Exit status by which a program tells Pulumi's language host that it has said what is wrong
(`pulumi-language-python-exec`); after any other the host adds an error of its own."""

try:
    settings = load(**stack_file.from_engine(), clouds=platforms.CLOUDS, catalog=platforms.catalog)
except SettingsError as error:
    pulumi.log.error(str(error))
    sys.exit(REPORTED)

deployment = Deployment(pulumi.get_stack(), settings, platforms.platform(settings.cloud))
for name, value in deployment.outputs.items():
    pulumi.export(name, value)
