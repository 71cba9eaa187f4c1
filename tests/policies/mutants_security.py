"""Bad configurations that expose something; see `mutants.py`."""

from __future__ import annotations

import base64
import json

from policies.facts.resource import UNDETERMINED
from tests.policies.changes import Containers, Gone, Put, Where, put, variable
from tests.policies.mutants import (
    API_MACHINE,
    API_TASK,
    PRIMARY,
    Mutant,
    mutant,
    server,
)

ROLE_POLICY = Where("RolePolicy", "-api-start")
DUMP = Where("Schedule", "-dump")
MADE_UP_KEY = "sk-" + "0123456789abcdefABCDEF"
MADE_UP_PASSWORD = "Zq8vT2mWc4Kx"


def _statement(**changes: object) -> str:
    statement = {
        "Effect": "Allow",
        "Action": ["logs:PutLogEvents"],
        "Resource": ["arn:aws:logs:us-east-1:123456789012:log-group:letta:*"],
        **changes,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


DATA = (
    mutant(
        "database-encrypted",
        "letta-medium-db-primary: its storage is not encrypted, must be; leave encryption to the "
        "database component; an existing database is replaced",
        Put(PRIMARY, "storageEncrypted", False),
    ),
    mutant(
        "bucket-encrypted",
        "letta-medium-data: states no encryption of its objects, must state one; "
        "give it a server-side encryption configuration",
        Put(Where("BucketServerSideEncryptionConfiguration", "-data"), "rules", []),
    ),
    mutant(
        "bucket-versioned",
        "letta-medium-data: keeps no versions of its objects, must keep them; "
        "switch its versioning on",
        Put(
            Where("BucketVersioning", "-data"),
            "versioningConfiguration.status",
            "Suspended",
        ),
    ),
    mutant(
        "bucket-public-access-blocked",
        "letta-medium-data: can be opened to the public, must block access lists and policies that "
        "would; block public access to the whole of it",
        Put(Where("BucketPublicAccessBlock", "-data"), "restrictPublicBuckets", False),
    ),
    mutant(
        "bucket-public-access-blocked",
        "letta-medium-in-logs: can be opened to the public, must block access lists and policies "
        "that would; block public access to the whole of it",
        Gone(Where("BucketPublicAccessBlock", "-in-logs")),
        label="none",
    ),
    mutant(
        "bucket-lifecycle",
        "letta-medium-data: moves objects to the archive after 400 days, latest is 90 days; "
        "set letta:storage.archive_days to 90 or less",
        Put(Where("BucketLifecycleConfiguration", "-data"), "rules.0.transitions.1.days", 400),
    ),
    mutant(
        "bucket-lifecycle",
        "letta-medium-data: keeps everything for ever, objects must age; give it lifecycle rules",
        Gone(Where("BucketLifecycleConfiguration", "-data")),
        label="none",
    ),
    mutant(
        "database-dumped",
        "letta-medium-dump: is switched off, must run; enable the schedule",
        Put(DUMP, "state", "DISABLED"),
        label="off",
    ),
    mutant(
        "database-dumped",
        "letta-medium-dump: does not run every day, must; set letta:database.dump.every_hours",
        Put(DUMP, "scheduleExpression", "cron(17 3 ? * MON *)"),
        label="weekly",
    ),
    mutant(
        "database-dumped",
        "letta-medium-dump: keeps dumps for 3 days, least is 7; "
        "set letta:database.dump.retention_days to 7 or more",
        Put(Where("BucketLifecycleConfiguration", "-data"), "rules.2.expiration.days", 3),
        label="retention",
    ),
    mutant(
        "database-dumped",
        "letta-medium-dump: tells after 72 hours that no new dump came, latest is 36 hours; "
        "leave the alarm to the dump's component",
        Put(Where("MetricAlarm", "-dump-missing"), "evaluationPeriods", 72),
        label="late alarm",
    ),
    mutant(
        "database-dumped",
        "letta-medium-dump: tells never that no new dump came, latest is 36 hours; "
        "leave the alarm to the dump's component",
        Put(Where("MetricAlarm", "-dump-missing"), "treatMissingData", "notBreaching"),
        label="deaf alarm",
    ),
    mutant(
        "database-dumped",
        "letta-large-dump: is switched off, must run; enable the schedule",
        Put(Where("CronJob", "-dump"), "spec.suspend", value=True),
        label="suspended",
        tier="large",
    ),
    mutant(
        "database-dumped",
        "letta-medium: there is no dump of the database on schedule in this stack; "
        "leave letta:database.dump to its default, or set its times",
        Gone(DUMP),
        label="none",
    ),
    mutant(
        "log-retention",
        "letta-medium-logs-api: keeps logs for 7 days, least is 30; "
        "set letta:monitoring.log_retention_days to 30 or more",
        Put(Where("LogGroup", "-logs-api"), "retentionInDays", 7),
    ),
    mutant(
        "log-retention",
        "letta-medium-logs-api: keeps logs for ever, must forget them in time; "
        "set letta:monitoring.log_retention_days",
        Put(Where("LogGroup", "-logs-api"), "retentionInDays", None),
        label="for ever",
    ),
    mutant(
        "logs-encrypted",
        "letta-medium-logs-api: is not encrypted with a key of the stack, must be; "
        "give it the stack's key",
        Put(Where("LogGroup", "-logs-api"), "kmsKeyId", None),
    ),
    mutant(
        "secrets-encrypted",
        "letta-medium-db-app-uri: is not encrypted with a key of the stack, must be; "
        "give it the stack's key",
        Put(Where("Secret", "-db-app-uri"), "kmsKeyId", None),
    ),
)

SECURITY = (
    mutant(
        "server-secured",
        "letta-medium-api: container server answers anybody, must ask for a password; "
        "set LETTA_SERVER_SECURE to true",
        server(variable("LETTA_SERVER_SECURE", "false")),
    ),
    mutant(
        "server-secured",
        "letta-medium-api: container server gets no LETTA_ENCRYPTION_KEY from the secret store; "
        "hand it over by reference",
        server(
            lambda one: one["secrets"].remove(
                next(each for each in one["secrets"] if each["name"] == "LETTA_ENCRYPTION_KEY")
            )
        ),
        label="key",
    ),
    mutant(
        "pinned-images",
        "letta-small-api: container proxy runs caddy:latest, must name a version or a digest; "
        "pin its tag",
        Containers(API_TASK, put("image", "caddy:latest"), "proxy"),
        tier="small",
    ),
    mutant(
        "no-plain-secret",
        "letta-medium-api: variable OPENAI_BASE_URL of container server holds an address with a "
        "password in plain text; keep it in the secret store and refer to it, and replace it: it "
        "was exposed",
        server(variable("OPENAI_BASE_URL", f"https://user:{MADE_UP_PASSWORD}@models.example.com")),
    ),
    mutant(
        "no-plain-secret",
        "letta-medium-api: variable GROQ_API_KEY of container server holds a secret in plain text; "
        "keep it in the secret store and refer to it, and replace it: it was exposed",
        server(variable("GROQ_API_KEY", "anything")),
        label="variable",
    ),
    mutant(
        "no-plain-secret",
        "letta-medium-api: user data holds an OpenAI, Anthropic or OpenRouter key in plain text; "
        "keep it in the secret store and refer to it, and replace it: it was exposed",
        Put(
            API_MACHINE,
            "userData",
            base64.b64encode(f"#!/bin/sh\nexport KEY={MADE_UP_KEY}\n".encode()).decode(),
        ),
        label="user data",
    ),
    mutant(
        "no-plain-secret",
        "letta-medium-boot: variable DATABASE_PASSWORD of the function holds a secret in plain "
        "text; keep it in the secret store and refer to it, and replace it: it was exposed",
        Put(
            Where("Function", "-boot"),
            "environment",
            {"variables": {"DATABASE_PASSWORD": MADE_UP_PASSWORD}},
        ),
        label="function",
    ),
    mutant(
        "no-plain-secret",
        "letta-medium-db-primary: property `tags.note` holds a value that the stack keeps secret "
        "in plain text; keep it in the secret store and refer to it, and replace it: it was "
        "exposed",
        Put(PRIMARY, "tags", {"note": "key: test-0123456789abcdef"}),
        label="anywhere",
    ),
    mutant(
        "database-private",
        "letta-medium-db-primary: has an address on the internet, must have none; "
        "set letta:database.publicly_accessible to false",
        Put(PRIMARY, "publiclyAccessible", True),
    ),
    mutant(
        "database-private",
        "letta-medium-net-bootstrap-database-5432-in: lets 10.0.0.0/8 connect to the database, "
        "must let security groups only; admit the servers' security group instead",
        Put(
            Where("SecurityGroupIngressRule", "-bootstrap-database-5432-in"),
            "cidrIpv4",
            "10.0.0.0/8",
        ),
        label="group",
    ),
    mutant(
        "cache-private",
        "letta-medium-net-server-cache-6379-in: lets 10.0.0.0/8 connect to the cache, must let "
        "security groups only; admit the servers' security group instead",
        Put(Where("SecurityGroupIngressRule", "-server-cache-6379-in"), "cidrIpv4", "10.0.0.0/8"),
    ),
    mutant(
        "open-to-the-world",
        "letta-medium-net-load-balancer-server-8283-in: opens letta-medium-net-server to the "
        "internet on tcp 8283, only ports 80 and 443 of the way in may be; "
        "narrow its address range or remove it",
        Put(
            Where("SecurityGroupIngressRule", "-load-balancer-server-8283-in"),
            "cidrIpv4",
            "0.0.0.0/0",
        ),
    ),
    mutant(
        "cache-private",
        "letta-medium-net-bootstrap-cache-6379-in: lets pl-0a1b2c3 connect to the cache, must let "
        "security groups only; admit the servers' security group instead",
        Put(
            Where("SecurityGroupIngressRule", "-bootstrap-cache-6379-in"),
            "prefixListId",
            "pl-0a1b2c3",
        ),
        label="prefix list",
    ),
    mutant(
        "open-to-the-world",
        "letta-medium-net-server-cache-6379-in: opens sg-0a1b2c3 to the internet on tcp 6379, only "
        "ports 80 and 443 of the way in may be; narrow its address range or remove it",
        Put(Where("SecurityGroupIngressRule", "-server-cache-6379-in"), "cidrIpv4", "0.0.0.0/0"),
        Put(
            Where("SecurityGroupIngressRule", "-server-cache-6379-in"),
            "securityGroupId",
            "sg-0a1b2c3",
        ),
        label="another group",
    ),
    mutant(
        "open-to-the-world",
        "letta-medium-net-server-cache-6379-in: opens letta-medium-net-cache to the internet on "
        "tcp 6379, only ports 80 and 443 of the way in may be; narrow its address range or "
        "remove it",
        Put(Where("SecurityGroupIngressRule", "-server-cache-6379-in"), "cidrIpv6", "::/0"),
        label="version 6",
    ),
    mutant(
        "open-to-the-world",
        "letta-medium-net-server: opens letta-medium-net-server to the internet on any 0 to 65535, "
        "only ports 80 and 443 of the way in may be; narrow its address range or remove it",
        Put(
            Where("SecurityGroup", "-net-server"),
            "ingress",
            [{"protocol": "-1", "ipv6CidrBlocks": ["::/0"], "fromPort": 0, "toPort": 65535}],
            wired=True,
        ),
        label="inline",
    ),
    mutant(
        "tls-listener",
        "letta-medium-in-https: offers TLS by ELBSecurityPolicy-2016-08, must offer 1.3 and "
        "nothing below 1.2; give it the cloud's policy for 1.3 and 1.2",
        Put(Where("Listener", "-https"), "sslPolicy", "ELBSecurityPolicy-2016-08"),
    ),
    mutant(
        "tls-listener",
        "letta-medium-in-http: answers in plain text on port 80, may only redirect to HTTPS; "
        "make its default action a redirect",
        Put(Where("Listener", "-http"), "defaultActions.0", {"type": "forward"}),
        label="plain",
    ),
    mutant(
        "tls-listener",
        "letta-medium-in: has no TLS listener; set letta:ingress.hosted_zone or certificate",
        Gone(Where("Listener", "-https")),
        label="none",
    ),
    mutant(
        "iam-least-privilege",
        "letta-medium-api-start: allows secretsmanager:*, must name each action; name the actions",
        Put(ROLE_POLICY, "policy", _statement(Action="secretsmanager:*")),
    ),
    mutant(
        "iam-least-privilege",
        "letta-medium-api-start: allows logs:PutLogEvents on every resource, must name them; "
        "name the resources",
        Put(ROLE_POLICY, "policy", _statement(Resource="*")),
        label="resource",
    ),
    mutant(
        "iam-least-privilege",
        "letta-medium-api-start: allows everything but a list, must name each action; "
        "name the actions",
        Put(ROLE_POLICY, "policy", _statement(Action=[], NotAction=["iam:*"])),
        label="not action",
    ),
    mutant(
        "iam-least-privilege",
        "letta-medium-boot-function: admits anybody, must name who may; "
        "name the principal or a condition",
        Put(
            Where("Role", "-boot-function"),
            "assumeRolePolicy",
            _statement(Principal={"AWS": "*"}, Action="sts:AssumeRole"),
        ),
        label="anybody",
    ),
    mutant(
        "iam-least-privilege",
        "letta-medium-db-monitoring: attaches AdministratorAccess, which others wrote, must list "
        "its own actions; write the policy out",
        Put(
            Where("RolePolicyAttachment", "-monitoring"),
            "policyArn",
            "arn:aws:iam::aws:policy/AdministratorAccess",
        ),
        label="attached",
    ),
    mutant(
        "imds-v2",
        "letta-medium-api: its metadata service answers without a session token, must ask for one; "
        "require IMDSv2",
        Put(API_MACHINE, "metadataOptions.httpTokens", "optional"),
    ),
    mutant(
        "imds-v2",
        "letta-medium-api: its metadata travels 2 hops, most is 1: containers could take the "
        "machine's credentials; set the hop limit to 1",
        Put(API_MACHINE, "metadataOptions.httpPutResponseHopLimit", 2),
        label="hops",
    ),
)

UNKNOWNS_ONLY = (
    mutant(
        "database-replicas",
        "",
        Put(Where("Instance", "-db-replica-1"), "replicateSourceDb", UNDETERMINED),
        label="unknown source",
    ),
)
"""Rules whose mutants take something away: what they read, not known yet."""

Mutants = tuple[Mutant, ...]
