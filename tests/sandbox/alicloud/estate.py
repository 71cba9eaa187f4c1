"""What most objects stand on, and good inputs of the others."""

from __future__ import annotations

from typing import Any

from tests.sandbox.engine import Engine, Resource

NETWORK = "alicloud:vpc/network:Network"
SWITCH = "alicloud:vpc/switch:Switch"
NAT = "alicloud:vpc/natGateway:NatGateway"
SNAT = "alicloud:vpc/snatEntry:SnatEntry"
ADDRESS = "alicloud:ecs/eipAddress:EipAddress"
ASSOCIATION = "alicloud:ecs/eipAssociation:EipAssociation"
GROUP = "alicloud:ecs/securityGroup:SecurityGroup"
GROUP_RULE = "alicloud:ecs/securityGroupRule:SecurityGroupRule"
DATABASE = "alicloud:rds/instance:Instance"
REPLICA = "alicloud:rds/readOnlyInstance:ReadOnlyInstance"
ACCOUNT = "alicloud:rds/account:Account"
BACKUPS = "alicloud:rds/backupPolicy:BackupPolicy"
CACHE = "alicloud:kvstore/instance:Instance"
BUCKET = "alicloud:oss/bucket:Bucket"
BALANCER = "alicloud:alb/loadBalancer:LoadBalancer"
SERVER_GROUP = "alicloud:alb/serverGroup:ServerGroup"
LISTENER = "alicloud:alb/listener:Listener"
RULE = "alicloud:alb/rule:Rule"
CLUSTER = "alicloud:cs/managedKubernetes:ManagedKubernetes"
POOL = "alicloud:cs/nodePool:NodePool"
ATTACHMENT = "alicloud:ess/albServerGroupAttachment:AlbServerGroupAttachment"
KEY = "alicloud:kms/key:Key"
QUEUE = "alicloud:message/serviceQueue:ServiceQueue"
PROJECT = "alicloud:log/project:Project"
STORE = "alicloud:log/store:Store"
ALARM = "alicloud:cms/alarm:Alarm"
ROLE = "alicloud:ram/role:Role"
POLICY = "alicloud:ram/policy:Policy"
RECORD = "alicloud:dns/alidnsRecord:AlidnsRecord"

FIRST, SECOND = "ap-southeast-1a", "ap-southeast-1b"


def database(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  (values of properties)
    """A database server."""
    return {
        "engine": "PostgreSQL",
        "engineVersion": "16.0",
        "instanceType": "pg.n2.4c.2m",
        "instanceStorage": 100,
        "dbInstanceStorageType": "cloud_essd",
        "category": "HighAvailability",
        "vswitchId": "vsw-1",
        **changes,
    }


def cache(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """A Redis."""
    return {
        "instanceClass": "redis.shard.large.ce",
        "engineVersion": "7.0",
        "vswitchId": "vsw-1",
        **changes,
    }


def cluster(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """A cluster."""
    return {
        "clusterSpec": "ack.pro.small",
        "version": "1.35.2-aliyun.1",
        "vswitchIds": ["vsw-1"],
        "podVswitchIds": ["vsw-2"],
        "serviceCidr": "172.21.0.0/20",
        "newNatGateway": False,
        "addons": [{"name": "terway-eniip"}],
        **changes,
    }


def pool(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """A node pool."""
    return {
        "clusterId": "c1",
        "nodePoolName": "api",
        "vswitchIds": ["vsw-1"],
        "instanceTypes": ["ecs.g7.large"],
        "scalingConfig": {"enable": True, "minSize": 1, "maxSize": 3, "type": "cpu"},
        **changes,
    }


def listener(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """A port that speaks TLS."""
    forward = {"forwardGroupConfig": {"serverGroupTuples": [{"serverGroupId": "sgp-1"}]}}
    return {
        "loadBalancerId": "alb-1",
        "listenerProtocol": "HTTPS",
        "listenerPort": 443,
        "certificates": {"certificateId": "1234567-ap-southeast-1"},
        "defaultActions": [{"type": "ForwardGroup", **forward}],
        **changes,
    }


class Estate:
    """A network with a vSwitch in each of two zones."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.network = engine.create(NETWORK, "net", {"cidrBlock": "10.0.0.0/16"})
        self.first = self.switch("a", FIRST, "10.0.0.0/20")
        self.second = self.switch("b", SECOND, "10.0.16.0/20")

    def switch(self, name: str, zone: str, cidr: str) -> Resource:
        """A vSwitch."""
        return self.engine.create(
            SWITCH, name, {"vpcId": self.network.id, "zoneId": zone, "cidrBlock": cidr}
        )

    def balancer(self) -> Resource:
        """A load balancer."""
        mappings = [
            {"zoneId": zone, "vswitchId": switch.id}
            for zone, switch in ((FIRST, self.first), (SECOND, self.second))
        ]
        return self.engine.create(
            BALANCER,
            "in",
            {
                "loadBalancerName": "in",
                "vpcId": self.network.id,
                "addressType": "Internet",
                "loadBalancerEdition": "Standard",
                "loadBalancerBillingConfig": {"payType": "PayAsYouGo"},
                "zoneMappings": mappings,
            },
        )

    def server_group(self, **changes: Any) -> Resource:  # noqa: ANN401
        """A group of machines behind it."""
        return self.engine.create(
            SERVER_GROUP,
            "api",
            {
                "serverGroupName": "api",
                "vpcId": self.network.id,
                "healthCheckConfig": {"healthCheckEnabled": False},
                **changes,
            },
        )

    def listener(self, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
        """Inputs of a port of a load balancer that is made."""
        group = self.server_group()
        forward = {"forwardGroupConfig": {"serverGroupTuples": [{"serverGroupId": group.id}]}}
        actions = [{"type": "ForwardGroup", **forward}]
        return listener(loadBalancerId=self.balancer().id, defaultActions=actions, **changes)

    def cluster(self, **changes: Any) -> Resource:  # noqa: ANN401
        """A cluster."""
        given = {"vswitchIds": [self.first.id], "podVswitchIds": [self.first.id], **changes}
        return self.engine.create(CLUSTER, "k8s", cluster(**given))

    def database(self, **changes: Any) -> Resource:  # noqa: ANN401
        """A database server."""
        return self.engine.create(
            DATABASE, "db", database(vswitchId=self.first.id, zoneId=FIRST, **changes)
        )
