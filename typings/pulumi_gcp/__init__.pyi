# What mypy sees of the package `pulumi_gcp` itself; its modules (sql, compute ...) are the real
# ones. The SDK's own file names every module of every Google service, and mypy would read all.

from .provider import *
