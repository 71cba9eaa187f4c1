"""What AWS refuses of load balancers, certificates and names, and what a change of them means."""

from __future__ import annotations

from tests.sandbox.aws.cases import Case, each, forward, twice
from tests.sandbox.aws.estate import Estate, Inputs, log_bucket

VPC = "aws:ec2/vpc:Vpc"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
BUCKET = "aws:s3/bucket:Bucket"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
LISTENER = "aws:lb/listener:Listener"
RECORD = "aws:route53/record:Record"


def _in_one_zone(estate: Estate) -> Inputs:
    return {"subnets": [estate.subnet("a", 1)]}


def _unissued(estate: Estate) -> Inputs:
    arn = estate.make("aws:acm/certificate:Certificate", "new", domainName="new.example.com").id
    return {"certificateArn": arn, "port": 8443}


def _unvalidated(estate: Estate) -> Inputs:
    arn = estate.make("aws:acm/certificate:Certificate", "new", domainName="new.example.com").id
    return {"certificateArn": arn, "validationRecordFqdns": None}


def _closed_log_bucket(estate: Estate) -> Inputs:
    bucket = estate.make(BUCKET, "closed").id
    return {"accessLogs": {"bucket": bucket, "enabled": True}}


def _encrypted_log_bucket(estate: Estate) -> Inputs:
    bucket = log_bucket(estate)
    estate.make(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "access-log",
        bucket=bucket,
    )
    return {"name": "encrypted", "accessLogs": {"bucket": bucket, "enabled": True}}


def _other_vpc(estate: Estate) -> str:
    return estate.make(VPC, "other", cidrBlock="10.1.0.0/16").id


def _other_group(estate: Estate) -> str:
    return estate.make(SECURITY_GROUP, "other", vpcId=_other_vpc(estate)).id


def _targets_in_another_vpc(estate: Estate) -> Inputs:
    group = estate.make(TARGET_GROUP, "other", vpcId=_other_vpc(estate)).id
    return {"port": 8443, "defaultActions": forward(group)}


CASES = [
    Case(
        "an idle limit above 4000 s",
        BALANCER,
        {"idleTimeout": 4001},
        "above the maximum of 4000",
    ),
    Case(
        "a name of 33 characters",
        BALANCER,
        {"name": "b" * 33},
        "at most 32 are allowed",
    ),
    Case(
        "a name that begins with internal-",
        BALANCER,
        {"name": "internal-b"},
        "internal-",
    ),
    Case(
        "a log bucket that is not there",
        BALANCER,
        {"accessLogs": {"bucket": "nowhere", "enabled": True}},
        "NoSuchBucket",
    ),
    Case(
        "a check longer than its interval",
        TARGET_GROUP,
        {"healthCheck": {"interval": 5, "timeout": 5}},
        "greater than the timeout",
    ),
    Case(
        "a target group without a VPC",
        TARGET_GROUP,
        {"vpcId": None},
        "vpcId",
    ),
    Case(
        "HTTPS without a certificate",
        LISTENER,
        {"certificateArn": None},
        "A certificate must be specified",
    ),
    Case(
        "a certificate with HTTP",
        LISTENER,
        {"protocol": "HTTP"},
        "HTTPS only",
    ),
    Case(
        "a TLS policy that does not exist",
        LISTENER,
        {"sslPolicy": "ELBSecurityPolicy-TLS13"},
        "SSLPolicyNotFound",
    ),
    Case(
        "a target group that is not there",
        LISTENER,
        {"defaultActions": forward("arn:aws:x")},
        "TargetGroupNotFound",
    ),
    Case(
        "a redirect to nowhere",
        LISTENER,
        {"defaultActions": [{"type": "redirect"}]},
        "needs redirect",
    ),
    Case(
        "a rule that forwards to nowhere",
        "aws:lb/listenerRule:ListenerRule",
        {"actions": [{"type": "forward"}]},
        "must name a target group",
    ),
    Case(
        "a condition of no kind",
        "aws:lb/listenerRule:ListenerRule",
        {"conditions": [{}]},
        "a condition is one of",
    ),
    Case(
        "a domain that is none",
        "aws:acm/certificate:Certificate",
        {"domainName": "letta"},
        "fully qualified",
    ),
    Case(
        "a record of another domain",
        RECORD,
        {"name": "letta.example.org"},
        "is not permitted in zone example.com",
    ),
    Case(
        "a record without a time to live",
        RECORD,
        {"ttl": None},
        "it needs ttl",
    ),
    Case(
        "a record in no zone",
        RECORD,
        {"zoneId": "Z0"},
        "NoSuchHostedZone",
    ),
    Case(
        "an alias to no load balancer",
        RECORD,
        {
            "records": None,
            "ttl": None,
            "type": "A",
            "aliases": [
                {
                    "name": "b-1.us-east-1.elb.amazonaws.com",
                    "zoneId": "Z0",
                    "evaluateTargetHealth": True,
                }
            ],
        },
        "does not lie within the target zone",
    ),
    Case(
        "a load balancer in one zone",
        BALANCER,
        _in_one_zone,
        "two different Availability Zones",
    ),
    Case(
        "a log bucket that ELB cannot write to",
        BALANCER,
        _closed_log_bucket,
        "Access Denied for bucket",
    ),
    Case(
        "a log bucket with a key",
        BALANCER,
        _encrypted_log_bucket,
        "SSE-S3 only",
    ),
    Case(
        "a second listener at a port",
        LISTENER,
        twice(LISTENER),
        "DuplicateListener",
    ),
    Case(
        "a second rule of a priority",
        "aws:lb/listenerRule:ListenerRule",
        twice("aws:lb/listenerRule:ListenerRule"),
        "PriorityInUse",
    ),
    Case(
        "a certificate that is not issued",
        LISTENER,
        _unissued,
        "UnsupportedCertificate",
    ),
    Case(
        "a validation without records",
        "aws:acm/certificateValidation:CertificateValidation",
        _unvalidated,
        "PENDING_VALIDATION",
    ),
    Case(
        "a second record of a name",
        RECORD,
        twice(RECORD),
        "it already exists",
    ),
    Case(
        "a group of another VPC on a load balancer",
        BALANCER,
        lambda e: {"securityGroups": [_other_group(e)]},
        "does not belong to VPC",
    ),
    Case(
        "targets in another VPC",
        LISTENER,
        _targets_in_another_vpc,
        "InvalidConfigurationRequest",
    ),
]


@each(CASES)
def test_a_bad_resource_is_refused(case: Case, estate: Estate) -> None:
    assert case.words in case.refusal(estate)


def test_an_update_does_not_collide_with_the_object_itself(estate: Estate) -> None:
    listener = estate.make(LISTENER)
    changed = {**listener.inputs, "tags": {"a": "b"}}
    assert estate.engine.update(listener, changed).outputs["tags"] == {"a": "b"}
