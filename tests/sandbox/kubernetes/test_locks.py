from __future__ import annotations

import inspect

from sandbox.kubernetes.cloud import KubernetesCloud


def test_nothing_is_locked_while_the_store_is_asked_for_the_cluster() -> None:
    # `functools.cached_property` of Python 3.11 takes a lock that all instances share.
    assert isinstance(inspect.getattr_static(KubernetesCloud, "cluster"), property)
