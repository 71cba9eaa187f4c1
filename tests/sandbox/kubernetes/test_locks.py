"""Two calls for objects of a cluster never wait for each other."""

from __future__ import annotations

import threading

from sandbox.cloud import CloudObject
from sandbox.kubernetes.cloud import KubernetesCloud

PATIENCE_SECONDS = 20


class Asking(KubernetesCloud):
    """Its store answers once the other one has been asked."""

    both = threading.Barrier(2)
    region = ""

    def all(self, type_token: str) -> list[CloudObject]:
        self.both.wait(PATIENCE_SECONDS)
        return []


def test_the_store_is_asked_for_two_clusters_at_a_time() -> None:
    answers: list[CloudObject | None] = []
    # Of a cloud, nothing but its way to the store is needed.
    clouds = [object.__new__(Asking) for _ in range(2)]
    threads = [
        threading.Thread(target=lambda one=cloud: answers.append(one.cluster), daemon=True)
        for cloud in clouds
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [None, None]
