"""A good resource of every type of Google Cloud that the sandbox has: stores, rights, logs."""

from __future__ import annotations

from tests.sandbox.gcp.good import GOODS, NETWORK, PROJECT, RANGE, REGION, good, member
from tests.sandbox.good import Inputs, Made

__all__ = ["GOODS"]

RING = "gcp:kms/keyRing:KeyRing"
KEY = "gcp:kms/cryptoKey:CryptoKey"
CONNECTION = "gcp:servicenetworking/connection:Connection"
DATABASE = "gcp:sql/databaseInstance:DatabaseInstance"
BUCKET = "gcp:storage/bucket:Bucket"
SECRET = "gcp:secretmanager/secret:Secret"
TOPIC = "gcp:pubsub/topic:Topic"
SUBSCRIPTION = "gcp:pubsub/subscription:Subscription"
LOGS = "gcp:logging/projectBucketConfig:ProjectBucketConfig"
CHANNEL = "gcp:monitoring/notificationChannel:NotificationChannel"


@good(RING)
def _(made: Made) -> Inputs:
    return {"name": "ring", "location": REGION}


@good(KEY)
def _(made: Made) -> Inputs:
    return {"name": "key", "keyRing": made.make(RING).id}


@good("gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember")
def _(made: Made) -> Inputs:
    return {
        "cryptoKeyId": made.make(KEY).id,
        "role": "roles/cloudkms.cryptoKeyEncrypterDecrypter",
        "member": member(made),
    }


@good(CONNECTION)
def _(made: Made) -> Inputs:
    return {
        "network": made.make(NETWORK).id,
        "service": "servicenetworking.googleapis.com",
        "reservedPeeringRanges": [made.get(RANGE, "name")],
    }


@good(DATABASE)
def _(made: Made) -> Inputs:
    made.make(CONNECTION)
    network = made.make(NETWORK).id
    return {
        "name": "db",
        "databaseVersion": "POSTGRES_16",
        "deletionProtection": False,
        "settings": {
            "tier": "db-custom-2-7680",
            "edition": "ENTERPRISE",
            "ipConfiguration": {"ipv4Enabled": False, "privateNetwork": network},
        },
    }


@good("gcp:sql/database:Database")
def _(made: Made) -> Inputs:
    return {"name": "letta", "instance": made.get(DATABASE, "name")}


@good("gcp:sql/user:User")
def _(made: Made) -> Inputs:
    return {"name": "letta", "instance": made.get(DATABASE, "name"), "password": "Abcdefg1"}


@good("gcp:redis/instance:Instance")
def _(made: Made) -> Inputs:
    made.make(CONNECTION)
    return {
        "name": "cache",
        "memorySizeGb": 4,
        "connectMode": "PRIVATE_SERVICE_ACCESS",
        "reservedIpRange": made.get(RANGE, "name"),
        "authorizedNetwork": made.make(NETWORK).id,
    }


@good(BUCKET)
def _(made: Made) -> Inputs:
    return {"name": "data", "location": "US-CENTRAL1"}


@good("gcp:storage/bucketIAMMember:BucketIAMMember")
def _(made: Made) -> Inputs:
    bucket = made.get(BUCKET, "name")
    return {"bucket": bucket, "role": "roles/storage.objectUser", "member": member(made)}


@good(SECRET)
def _(made: Made) -> Inputs:
    return {"secretId": "uri", "replication": {"auto": {}}}


@good("gcp:secretmanager/secretVersion:SecretVersion")
def _(made: Made) -> Inputs:
    return {"secret": made.make(SECRET).id, "secretData": "value"}


@good("gcp:secretmanager/secretIamMember:SecretIamMember")
def _(made: Made) -> Inputs:
    return {
        "secretId": made.make(SECRET).id,
        "role": "roles/secretmanager.secretAccessor",
        "member": member(made),
    }


@good(TOPIC)
def _(made: Made) -> Inputs:
    return {"name": "jobs"}


@good(SUBSCRIPTION)
def _(made: Made) -> Inputs:
    return {"name": "jobs", "topic": made.make(TOPIC).id, "ackDeadlineSeconds": 600}


@good("gcp:pubsub/topicIAMMember:TopicIAMMember")
def _(made: Made) -> Inputs:
    topic = made.make(TOPIC).id
    return {"topic": topic, "role": "roles/pubsub.publisher", "member": member(made)}


@good("gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember")
def _(made: Made) -> Inputs:
    subscription = made.make(SUBSCRIPTION).id
    return {
        "subscription": subscription,
        "role": "roles/pubsub.subscriber",
        "member": member(made),
    }


@good("gcp:projects/serviceIdentity:ServiceIdentity")
def _(made: Made) -> Inputs:
    return {"service": "secretmanager.googleapis.com"}


@good("gcp:projects/iAMMember:IAMMember")
def _(made: Made) -> Inputs:
    return {"project": PROJECT, "role": "roles/logging.logWriter", "member": member(made)}


@good(LOGS)
def _(made: Made) -> Inputs:
    return {"project": PROJECT, "location": REGION, "bucketId": "logs"}


@good("gcp:logging/projectSink:ProjectSink")
def _(made: Made) -> Inputs:
    destination = f"logging.googleapis.com/{made.make(LOGS).id}"
    return {"name": "logs", "destination": destination, "filter": "severity>=INFO"}


@good("gcp:logging/projectExclusion:ProjectExclusion")
def _(made: Made) -> Inputs:
    return {"name": "noise", "filter": "severity<INFO"}


@good("gcp:logging/metric:Metric")
def _(made: Made) -> Inputs:
    return {"name": "lost", "filter": "severity=ERROR"}


@good(CHANNEL)
def _(made: Made) -> Inputs:
    return {"type": "email", "labels": {"email_address": "a@example.com"}}


@good("gcp:monitoring/alertPolicy:AlertPolicy")
def _(made: Made) -> Inputs:
    threshold = {
        "filter": 'metric.type = "run.googleapis.com/request_count" AND resource.type = "b"',
        "comparison": "COMPARISON_GT",
        "duration": "300s",
        "aggregations": [{"alignmentPeriod": "300s", "perSeriesAligner": "ALIGN_DELTA"}],
    }
    return {
        "displayName": "errors",
        "combiner": "OR",
        "conditions": [{"displayName": "errors", "conditionThreshold": threshold}],
        "notificationChannels": [made.make(CHANNEL).id],
    }


@good("gcp:billing/budget:Budget")
def _(made: Made) -> Inputs:
    return {
        "billingAccount": "0A0A0A-0B0B0B-0C0C0C",
        "displayName": "letta",
        "amount": {"specifiedAmount": {"currencyCode": "USD", "units": "700"}},
    }
