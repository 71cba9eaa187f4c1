"""Buckets: private, versioned, encrypted, and cheaper with age."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

from components.args import BucketArgs
from components.aws.bucket import Bucket, LogBucket
from tests.components.aws.conftest import MakeSite
from tests.components.aws.mock_cloud import ACCOUNT, Run, run


def _data(make_site: MakeSite, *, preview: bool = False, **changes: Any) -> Run[Bucket]:  # noqa: ANN401
    args = BucketArgs(**changes)
    return run(
        lambda: Bucket("letta-test-data", args, make_site(), pulumi.ResourceOptions()),
        preview=preview,
    )


def _access_logs(make_site: MakeSite) -> Run[LogBucket]:
    return run(lambda: LogBucket("letta-test-log", make_site(), pulumi.ResourceOptions()))


def _rules(result: Run[Any]) -> dict[str, dict[str, Any]]:
    rules = result.one(":BucketLifecycleConfiguration").inputs["rules"]
    return {each["id"]: each for each in rules}


@pytest.mark.parametrize("make", [_data, _access_logs])
def test_nothing_in_a_bucket_can_become_public(make: Any, make_site: MakeSite) -> None:  # noqa: ANN401
    result = make(make_site)
    block = result.one(":BucketPublicAccessBlock").inputs
    for switch in (
        "blockPublicAcls",
        "blockPublicPolicy",
        "ignorePublicAcls",
        "restrictPublicBuckets",
    ):
        assert block[switch] is True
    owner = result.one(":BucketOwnershipControls").inputs["rule"]
    assert owner == {"objectOwnership": "BucketOwnerEnforced"}


@pytest.mark.parametrize("make", [_data, _access_logs])
def test_plain_http_is_refused(make: Any, make_site: MakeSite) -> None:  # noqa: ANN401
    result = make(make_site)
    name = result.value(result.result.bucket)
    deny = json.loads(result.one(":BucketPolicy").inputs["policy"])["Statement"][0]
    assert deny["Effect"] == "Deny"
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert deny["Resource"] == [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]


def test_objects_grow_cheaper_with_age_whatever_their_size(make_site: MakeSite) -> None:
    result = _data(make_site, infrequent_access_days=31, archive_days=100)
    assert _rules(result)["ageing"]["transitions"] == [
        {"days": 31, "storageClass": "STANDARD_IA"},
        {"days": 100, "storageClass": "GLACIER"},
    ]
    assert "expiration" not in _rules(result)["ageing"]
    configuration = result.one(":BucketLifecycleConfiguration")
    assert configuration.inputs["transitionDefaultMinimumObjectSize"] == "varies_by_storage_class"


def test_what_nobody_sees_is_cleared_away(make_site: MakeSite) -> None:
    tidying = _rules(_data(make_site, noncurrent_expiration_days=45))["tidying"]
    assert tidying["noncurrentVersionExpiration"] == {"noncurrentDays": 45}
    assert tidying["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}
    assert tidying["expiration"] == {"expiredObjectDeleteMarker": True}


def test_the_lifecycle_waits_for_versioning(make_site: MakeSite) -> None:
    result = _data(make_site)
    versioning = result.one(":BucketVersioning")
    assert versioning.inputs["versioningConfiguration"] == {"status": "Enabled"}
    lifecycle = result.one(":BucketLifecycleConfiguration")
    assert f"BucketVersioning {versioning.name}" in lifecycle.depends_on


def test_data_is_encrypted_with_the_stacks_key(make_site: MakeSite) -> None:
    result = _data(make_site)
    (rule,) = result.one(":BucketServerSideEncryptionConfiguration").inputs["rules"]
    assert rule["bucketKeyEnabled"] is True
    applied = rule["applyServerSideEncryptionByDefault"]
    assert applied["sseAlgorithm"] == "aws:kms"
    assert applied["kmsMasterKeyId"] == f"arn:aws:mock:us-east-1:{ACCOUNT}:" + str(
        result.one(":Alias").inputs["targetKeyId"]
    )


def test_the_name_and_the_policy_are_known_at_preview(make_site: MakeSite) -> None:
    result = _data(make_site, preview=True)
    assert result.value(result.result.bucket).startswith("letta-test-data-")
    assert result.value(result.result.arn) in result.one(":BucketPolicy").inputs["policy"]


def test_access_logs_are_encrypted_as_load_balancers_can_and_expire(make_site: MakeSite) -> None:
    result = _access_logs(make_site)
    (rule,) = result.one(":BucketServerSideEncryptionConfiguration").inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}
    assert _rules(result)["ageing"]["expiration"] == {"days": 365}


def test_load_balancers_of_this_account_may_write_their_logs_and_nothing_else(
    make_site: MakeSite,
) -> None:
    result = _access_logs(make_site)
    name = result.value(result.result.bucket)
    _, allow = json.loads(result.one(":BucketPolicy").inputs["policy"])["Statement"]
    assert allow["Principal"] == {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    assert allow["Action"] == "s3:PutObject"
    assert allow["Resource"] == (f"arn:aws:s3:::{name}/{result.result.prefix}/AWSLogs/{ACCOUNT}/*")
    assert allow["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}


def test_a_load_balancer_waits_until_it_may_write(make_site: MakeSite) -> None:
    def program() -> None:
        bucket = LogBucket("letta-test-log", make_site(), pulumi.ResourceOptions()).bucket
        pulumi.ComponentResource("test:index:User", "user", {"bucket": bucket})

    result = run(program)
    policy = result.one(":BucketPolicy")
    user = result.one(":User")
    assert f"BucketPolicy {policy.name}" in user.depends_on
    assert user.inputs["bucket"] == policy.inputs["bucket"]
