# What mypy sees of the package `pulumi_aws` itself; its modules (ec2, rds ...) are the real ones.
# The SDK's own file names every module of every AWS service, and mypy would read all of them.

from ._inputs import *
from .get_availability_zones import *
from .get_caller_identity import *
from .get_partition import *
from .get_region import *
from .provider import *
