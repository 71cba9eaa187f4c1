"""A good resource of every type of Alibaba Cloud that the sandbox has: stores, rights, logs."""

from __future__ import annotations

import json

from tests.sandbox.alicloud import estate as kinds
from tests.sandbox.alicloud.estate import FIRST
from tests.sandbox.alicloud.good import GOODS, good, switch
from tests.sandbox.good import Inputs, Made

__all__ = ["GOODS", "RECORD"]

COLLECTOR = "alicloud:log/logTailConfig:LogTailConfig"
MACHINES = "alicloud:log/machineGroup:MachineGroup"
INDEX = "alicloud:log/storeIndex:StoreIndex"
CONTACT = "alicloud:cms/alarmContact:AlarmContact"
CONTACTS = "alicloud:cms/alarmContactGroup:AlarmContactGroup"
USER = "alicloud:ram/user:User"
RECORD = "alicloud:log/resourceRecord:ResourceRecord"
"""Of one region, whatever the stack's."""


def _document(**statement: object) -> str:
    return json.dumps({"Version": "1", "Statement": [statement]})


@good(kinds.KEY)
def _(made: Made) -> Inputs:
    return {"description": "data", "pendingWindowInDays": 30, "deletionProtection": "Disabled"}


@good("alicloud:kms/alias:Alias")
def _(made: Made) -> Inputs:
    return {"aliasName": "alias/data", "keyId": made.make(kinds.KEY).id}


@good(kinds.DATABASE)
def _(made: Made) -> Inputs:
    inputs = kinds.database(vswitchId=switch(made), zoneId=FIRST)
    return {**inputs, "instanceName": "db", "securityIps": ["10.0.0.0/20"]}


@good(kinds.REPLICA)
def _(made: Made) -> Inputs:
    return {
        "masterDbInstanceId": made.make(kinds.DATABASE).id,
        "instanceName": "copy",
        "engineVersion": "16.0",
        "instanceType": "pgro.n2.4c.1m",
        "instanceStorage": 100,
        "vswitchId": switch(made),
    }


@good("alicloud:rds/database:Database")
def _(made: Made) -> Inputs:
    instance = made.make(kinds.DATABASE).id
    return {"instanceId": instance, "dataBaseName": "letta", "characterSet": "UTF8"}


@good(kinds.ACCOUNT)
def _(made: Made) -> Inputs:
    return {
        "dbInstanceId": made.make(kinds.DATABASE).id,
        "accountName": "letta_admin",
        "accountType": "Super",
        "accountPassword": "Abcdefg1",
    }


@good(kinds.BACKUPS)
def _(made: Made) -> Inputs:
    return {
        "instanceId": made.make(kinds.DATABASE).id,
        "preferredBackupPeriods": ["Monday", "Thursday"],
        "backupRetentionPeriod": 14,
        "logBackupRetentionPeriod": 14,
    }


@good(kinds.CACHE)
def _(made: Made) -> Inputs:
    return {**kinds.cache(vswitchId=switch(made), zoneId=FIRST), "dbInstanceName": "cache"}


@good(kinds.QUEUE)
def _(made: Made) -> Inputs:
    return {"queueName": "jobs", "visibilityTimeout": 900}


@good(kinds.BUCKET)
def _(made: Made) -> Inputs:
    return {"bucket": "data", "redundancyType": "ZRS"}


@good("alicloud:oss/bucketAcl:BucketAcl")
def _(made: Made) -> Inputs:
    return {"bucket": made.make(kinds.BUCKET).id, "acl": "private"}


@good("alicloud:oss/bucketVersioning:BucketVersioning")
def _(made: Made) -> Inputs:
    return {"bucket": made.make(kinds.BUCKET).id, "status": "Enabled"}


@good("alicloud:oss/bucketServerSideEncryption:BucketServerSideEncryption")
def _(made: Made) -> Inputs:
    key = made.make(kinds.KEY).id
    return {"bucket": made.make(kinds.BUCKET).id, "sseAlgorithm": "KMS", "kmsMasterKeyId": key}


@good("alicloud:oss/bucketPublicAccessBlock:BucketPublicAccessBlock")
def _(made: Made) -> Inputs:
    return {"bucket": made.make(kinds.BUCKET).id, "blockPublicAccess": True}


@good("alicloud:oss/bucketHttpsConfig:BucketHttpsConfig")
def _(made: Made) -> Inputs:
    return {"bucket": made.make(kinds.BUCKET).id, "enable": True, "tlsVersions": ["TLSv1.2"]}


@good("alicloud:oss/bucketPolicy:BucketPolicy")
def _(made: Made) -> Inputs:
    policy = _document(Effect="Deny", Principal=["*"], Action=["oss:*"], Resource=["*"])
    return {"bucket": made.make(kinds.BUCKET).id, "policy": policy}


@good(kinds.ROLE)
def _(made: Made) -> Inputs:
    service = {"Service": ["log.aliyuncs.com"]}
    trust = _document(Effect="Allow", Principal=service, Action="sts:AssumeRole")
    return {"roleName": "logs", "assumeRolePolicyDocument": trust}


@good(kinds.POLICY)
def _(made: Made) -> Inputs:
    document = _document(
        Effect="Allow", Action=["oss:PutObject"], Resource=["acs:oss:*:1234567890123456:data/x/*"]
    )
    return {"policyName": "put", "policyDocument": document}


@good("alicloud:ram/rolePolicyAttachment:RolePolicyAttachment")
def _(made: Made) -> Inputs:
    return {
        "roleName": made.get(kinds.ROLE, "roleName"),
        "policyName": made.get(kinds.POLICY, "policyName"),
        "policyType": "Custom",
    }


@good(USER)
def _(made: Made) -> Inputs:
    return {"name": "dump"}


@good("alicloud:ram/userPolicyAttachment:UserPolicyAttachment")
def _(made: Made) -> Inputs:
    return {
        "userName": made.get(USER, "name"),
        "policyName": made.get(kinds.POLICY, "policyName"),
        "policyType": "Custom",
    }


@good("alicloud:ram/accessKey:AccessKey")
def _(made: Made) -> Inputs:
    return {"userName": made.get(USER, "name"), "status": "Active"}


@good(CONTACT)
def _(made: Made) -> Inputs:
    return {"alarmContactName": "somebody", "describe": "alarms", "channelsMail": "a@example.com"}


@good(CONTACTS)
def _(made: Made) -> Inputs:
    name = made.get(CONTACT, "alarmContactName")
    return {"alarmContactGroupName": "people", "contacts": [name]}


@good(kinds.ALARM)
def _(made: Made) -> Inputs:
    return {
        "project": "acs_rds_dashboard",
        "metric": "CpuUsage",
        "contactGroups": [made.get(CONTACTS, "alarmContactGroupName")],
        "escalationsCritical": {"threshold": "80", "comparisonOperator": ">"},
    }


@good(kinds.PROJECT)
def _(made: Made) -> Inputs:
    return {"projectName": "logs"}


@good(kinds.STORE)
def _(made: Made) -> Inputs:
    project = made.get(kinds.PROJECT, "projectName")
    return {"projectName": project, "logstoreName": "servers", "retentionPeriod": 30}


@good(INDEX)
def _(made: Made) -> Inputs:
    made.make(kinds.STORE)
    return {"project": "logs", "logstore": "servers", "fullText": {"token": ","}}


@good(COLLECTOR)
def _(made: Made) -> Inputs:
    made.make(kinds.STORE)
    detail = json.dumps({"plugin": {"inputs": [{"type": "service_docker_stdout"}]}})
    return {
        "project": "logs",
        "logstore": "servers",
        "inputType": "plugin",
        "outputType": "LogService",
        "inputDetail": detail,
    }


@good(MACHINES)
def _(made: Made) -> Inputs:
    made.make(kinds.PROJECT)
    return {
        "project": "logs",
        "name": "pods",
        "identifyType": "userdefined",
        "identifyLists": ["pods"],
    }


@good("alicloud:log/logTailAttachment:LogTailAttachment")
def _(made: Made) -> Inputs:
    return {
        "project": "logs",
        "logtailConfigName": made.get(COLLECTOR, "name"),
        "machineGroupName": made.get(MACHINES, "name"),
    }


@good("alicloud:log/alert:Alert")
def _(made: Made) -> Inputs:
    made.make(INDEX)
    return {
        "projectName": "logs",
        "alertName": "lost",
        "alertDisplayname": "lost",
        "version": "2.0",
        "queryLists": [{"store": "servers", "query": "a", "start": "-5m", "end": "now"}],
        "schedule": {"type": "FixedRate", "interval": "5m"},
        "severityConfigurations": [{"severity": 8, "evalCondition": {"condition": "a > 0"}}],
        "policyConfiguration": {"alertPolicyId": "sls.builtin.dynamic", "repeatInterval": "1h"},
    }


@good(RECORD)
def _(made: Made) -> Inputs:
    value = json.dumps({"user_id": "a", "user_name": "a", "email": ["a@example.com"]})
    return {"resourceName": "sls.common.user", "recordId": "a", "tag": "a", "value": value}
