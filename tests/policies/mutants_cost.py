"""Bad configurations that cost too much or nobody knows what; see `mutants.py`."""

from __future__ import annotations

from tests.policies.changes import Added, Put, Where
from tests.policies.mutants import API_GROUP, CACHE, mutant
from tests.policies.mutants_pods import large


class Beginning(str):
    """Equals whatever begins so: the rest are figures of the price book, which others refresh."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and other.startswith(str(self))


COST = (
    mutant(
        "monthly-budget",
        Beginning("letta-medium: may cost "),
        Put(API_GROUP, "maxSize", 100),
    ),
    large(
        "monthly-budget",
        Beginning("letta-large: may cost "),
        Put(Where("eks/nodeGroup:NodeGroup", "-llm-p4d-24xlarge"), "scalingConfig.maxSize", 100),
        on="vllm",
        label="GPU pool",
    ),
    mutant(
        "every-billable-resource-is-priced",
        Beginning("letta-medium-cache: cache cache.m5.xlarge has no price: book list has no "),
        Put(CACHE, "nodeType", "cache.m5.xlarge"),
    ),
    mutant(
        "every-billable-resource-is-priced",
        "letta-extra: aws:redshift/cluster:Cluster has no price: resources of this type are "
        "neither priced nor known to be free; add a reader of it, or an entry under what is free "
        "with the reason, to policies/facts/aws/billing",
        Added("aws:redshift/cluster:Cluster", "letta-extra", {"nodeType": "ra3.large"}),
        label="unknown type",
    ),
)
