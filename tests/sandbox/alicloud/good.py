"""A good resource of every type of Alibaba Cloud that the sandbox has: network, machines, ways."""

from __future__ import annotations

from tests.sandbox.alicloud import estate as kinds
from tests.sandbox.alicloud.estate import FIRST, SECOND
from tests.sandbox.good import Goods, Inputs, Made

GOODS = Goods()
good = GOODS.good

ACL = "alicloud:alb/acl:Acl"
ENTRIES = "alicloud:alb/aclEntryAttachment:AclEntryAttachment"
ADDRESSES = {FIRST: "10.0.0.0/20", SECOND: "10.0.16.0/20"}
IDENTITY = "1234567890123456"


def switch(made: Made, zone: str = FIRST) -> str:
    """The id of a vSwitch in a zone."""
    return made.make(kinds.SWITCH, zone, zoneId=zone, cidrBlock=ADDRESSES[zone]).id


@good(kinds.NETWORK)
def _(made: Made) -> Inputs:
    return {"vpcName": "net", "cidrBlock": "10.0.0.0/16"}


@good(kinds.SWITCH)
def _(made: Made) -> Inputs:
    network = made.make(kinds.NETWORK).id
    return {"vswitchName": "a", "vpcId": network, "zoneId": FIRST, "cidrBlock": "10.0.240.0/20"}


@good(kinds.NAT)
def _(made: Made) -> Inputs:
    return {
        "natGatewayName": "nat",
        "vpcId": made.make(kinds.NETWORK).id,
        "vswitchId": switch(made),
        "natType": "Enhanced",
        "networkType": "internet",
        "paymentType": "PayAsYouGo",
        "internetChargeType": "PayByLcu",
    }


@good(kinds.ADDRESS)
def _(made: Made) -> Inputs:
    return {"addressName": "nat", "internetChargeType": "PayByTraffic", "bandwidth": "200"}


@good(kinds.ASSOCIATION)
def _(made: Made) -> Inputs:
    return {
        "allocationId": made.make(kinds.ADDRESS).id,
        "instanceId": made.make(kinds.NAT).id,
        "instanceType": "Nat",
    }


@good(kinds.SNAT)
def _(made: Made) -> Inputs:
    made.make(kinds.ASSOCIATION)
    return {
        "snatEntryName": "out",
        "snatTableId": made.get(kinds.NAT, "snatTableIds"),
        "sourceVswitchId": switch(made),
        "snatIp": made.get(kinds.ADDRESS, "ipAddress"),
    }


@good(kinds.GROUP)
def _(made: Made) -> Inputs:
    network = made.make(kinds.NETWORK).id
    return {"securityGroupName": "nodes", "vpcId": network, "securityGroupType": "enterprise"}


@good(kinds.GROUP_RULE)
def _(made: Made) -> Inputs:
    return {
        "securityGroupId": made.make(kinds.GROUP).id,
        "type": "egress",
        "ipProtocol": "all",
        "portRange": "-1/-1",
        "nicType": "intranet",
        "policy": "accept",
        "cidrIp": "0.0.0.0/0",
    }


@good(kinds.CLUSTER)
def _(made: Made) -> Inputs:
    inside = [switch(made)]
    return {**kinds.cluster(vswitchIds=inside, podVswitchIds=inside), "name": "k8s"}


@good(kinds.POOL)
def _(made: Made) -> Inputs:
    return kinds.pool(clusterId=made.make(kinds.CLUSTER).id, vswitchIds=[switch(made)])


@good("alicloud:cs/autoscalingConfig:AutoscalingConfig")
def _(made: Made) -> Inputs:
    return {"clusterId": made.make(kinds.CLUSTER).id, "scaleDownEnabled": True}


@good("alicloud:cs/kubernetesPermission:KubernetesPermission")
def _(made: Made) -> Inputs:
    right = {"roleType": "cluster", "roleName": "admin", "isCustom": False, "isRamRole": True}
    cluster = made.make(kinds.CLUSTER).id
    return {"uid": "300012345678901234", "permissions": [{"cluster": cluster, **right}]}


@good(kinds.BALANCER)
def _(made: Made) -> Inputs:
    return {
        "loadBalancerName": "in",
        "vpcId": made.make(kinds.NETWORK).id,
        "addressType": "Internet",
        "loadBalancerEdition": "Standard",
        "loadBalancerBillingConfig": {"payType": "PayAsYouGo"},
        "zoneMappings": [
            {"zoneId": zone, "vswitchId": switch(made, zone)} for zone in (FIRST, SECOND)
        ],
    }


@good(kinds.SERVER_GROUP)
def _(made: Made) -> Inputs:
    return {
        "serverGroupName": "api",
        "vpcId": made.make(kinds.NETWORK).id,
        "healthCheckConfig": {"healthCheckEnabled": False},
    }


@good(kinds.LISTENER)
def _(made: Made) -> Inputs:
    group = made.make(kinds.SERVER_GROUP).id
    forward = {"forwardGroupConfig": {"serverGroupTuples": [{"serverGroupId": group}]}}
    return kinds.listener(
        loadBalancerId=made.make(kinds.BALANCER).id,
        defaultActions=[{"type": "ForwardGroup", **forward}],
    )


@good(kinds.RULE)
def _(made: Made) -> Inputs:
    return {
        "listenerId": made.make(kinds.LISTENER).id,
        "ruleName": "to-https",
        "priority": 1,
        "ruleConditions": [{"type": "Path", "pathConfig": {"values": ["/*"]}}],
        "ruleActions": [
            {
                "order": 1,
                "type": "Redirect",
                "redirectConfig": {"protocol": "HTTPS", "port": "443", "httpCode": "301"},
            }
        ],
    }


@good(ACL)
def _(made: Made) -> Inputs:
    return {"aclName": "callers"}


@good(ENTRIES)
def _(made: Made) -> Inputs:
    return {"aclId": made.make(ACL).id, "entries": [{"entry": "203.0.113.0/24"}]}


@good("alicloud:alb/listenerAclAttachment:ListenerAclAttachment")
def _(made: Made) -> Inputs:
    made.make(ENTRIES)
    listener = made.make(kinds.LISTENER).id
    return {"listenerId": listener, "aclId": made.make(ACL).id, "aclType": "White"}


@good(kinds.ATTACHMENT)
def _(made: Made) -> Inputs:
    return {
        "scalingGroupId": made.get(kinds.POOL, "scalingGroupId"),
        "albServerGroupId": made.make(kinds.SERVER_GROUP).id,
        "port": 30283,
        "weight": 100,
        "forceAttach": True,
    }


@good(kinds.RECORD)
def _(made: Made) -> Inputs:
    return {"domainName": "example.com", "rr": "letta", "type": "CNAME", "value": "a.example.net"}
