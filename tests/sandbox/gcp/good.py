"""A good resource of every type of Google Cloud that the sandbox has: network, servers, ways in."""

from __future__ import annotations

from tests.sandbox.good import Goods, Inputs, Made

GOODS = Goods()
good = GOODS.good

PROJECT, REGION = "my-project", "us-central1"
ZONES = [f"us-central1-{letter}" for letter in "abc"]
NETWORK = "gcp:compute/network:Network"
SUBNET = "gcp:compute/subnetwork:Subnetwork"
ROUTER = "gcp:compute/router:Router"
RANGE = "gcp:compute/globalAddress:GlobalAddress"
BACKEND = "gcp:compute/backendService:BackendService"
URL_MAP = "gcp:compute/uRLMap:URLMap"
HTTP_PROXY = "gcp:compute/targetHttpProxy:TargetHttpProxy"
SERVICE = "gcp:cloudrunv2/service:Service"
JOB = "gcp:cloudrunv2/job:Job"
JOB_GRANT = "gcp:cloudrunv2/jobIamMember:JobIamMember"
ACCOUNT = "gcp:serviceaccount/account:Account"
CLUSTER = "gcp:container/cluster:Cluster"
POOL = "gcp:container/nodePool:NodePool"
AUTHORIZATION = "gcp:certificatemanager/dnsAuthorization:DnsAuthorization"
CERTIFICATE = "gcp:certificatemanager/certificate:Certificate"
CERTIFICATES = "gcp:certificatemanager/certificateMap:CertificateMap"


def member(made: Made) -> str:
    """An account of the stack's, as grants name it."""
    return f"serviceAccount:{made.get(ACCOUNT, 'email')}"


@good(ACCOUNT)
def _(made: Made) -> Inputs:
    return {"accountId": "letta-api"}


@good(NETWORK)
def _(made: Made) -> Inputs:
    return {"name": "net", "autoCreateSubnetworks": False}


@good(SUBNET)
def _(made: Made) -> Inputs:
    return {
        "name": "nodes",
        "network": made.make(NETWORK).id,
        "region": REGION,
        "ipCidrRange": "10.0.0.0/17",
        "secondaryIpRanges": [
            {"rangeName": "pods", "ipCidrRange": "10.64.0.0/14"},
            {"rangeName": "services", "ipCidrRange": "10.68.0.0/20"},
        ],
    }


@good(ROUTER)
def _(made: Made) -> Inputs:
    return {"name": "out", "network": made.make(NETWORK).id}


@good("gcp:compute/routerNat:RouterNat")
def _(made: Made) -> Inputs:
    return {
        "name": "out",
        "router": made.get(ROUTER, "name"),
        "natIpAllocateOption": "AUTO_ONLY",
        "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES",
    }


@good("gcp:compute/address:Address")
def _(made: Made) -> Inputs:
    return {"name": "out"}


@good(RANGE)
def _(made: Made) -> Inputs:
    return {
        "name": "services",
        "purpose": "VPC_PEERING",
        "addressType": "INTERNAL",
        "address": "10.0.128.0",
        "prefixLength": 18,
        "network": made.make(NETWORK).id,
    }


@good("gcp:compute/firewall:Firewall")
def _(made: Made) -> Inputs:
    return {
        "name": "checks",
        "network": made.make(NETWORK).id,
        "allows": [{"protocol": "tcp", "ports": ["30283"]}],
        "sourceRanges": ["35.191.0.0/16"],
    }


@good(SERVICE)
def _(made: Made) -> Inputs:
    limits = {"cpu": "2", "memory": "4096Mi"}
    return {
        "name": "api",
        "location": REGION,
        "deletionProtection": False,
        "template": {"containers": [{"image": "x:1", "resources": {"limits": limits}}]},
    }


@good(JOB)
def _(made: Made) -> Inputs:
    return {
        "name": "dump",
        "location": REGION,
        "deletionProtection": False,
        "template": {"template": {"containers": [{"image": "x:1"}]}},
    }


@good(JOB_GRANT)
def _(made: Made) -> Inputs:
    return {
        "name": made.get(JOB, "name"),
        "location": REGION,
        "role": "roles/run.invoker",
        "member": member(made),
    }


@good("gcp:cloudscheduler/job:Job")
def _(made: Made) -> Inputs:
    made.make(JOB_GRANT)
    path = f"projects/{PROJECT}/locations/{REGION}/jobs/dump"
    return {
        "name": "dump",
        "region": REGION,
        "schedule": "17 3,15 * * *",
        "httpTarget": {
            "uri": f"https://run.googleapis.com/v2/{path}:run",
            "httpMethod": "POST",
            "oauthToken": {"serviceAccountEmail": made.get(ACCOUNT, "email")},
        },
    }


@good("gcp:cloudrun/domainMapping:DomainMapping")
def _(made: Made) -> Inputs:
    return {
        "name": "letta.example.com",
        "location": REGION,
        "metadata": {"namespace": PROJECT},
        "spec": {"routeName": made.get(SERVICE, "name")},
    }


@good(CLUSTER)
def _(made: Made) -> Inputs:
    return {
        "name": "k8s",
        "location": REGION,
        "network": made.make(NETWORK).id,
        "subnetwork": made.make(SUBNET).id,
        "initialNodeCount": 1,
        "removeDefaultNodePool": True,
        "deletionProtection": False,
        "minMasterVersion": "1.33",
        "nodeLocations": ZONES,
        "ipAllocationPolicy": {
            "clusterSecondaryRangeName": "pods",
            "servicesSecondaryRangeName": "services",
        },
        "workloadIdentityConfig": {"workloadPool": f"{PROJECT}.svc.id.goog"},
    }


@good(POOL)
def _(made: Made) -> Inputs:
    return {
        "name": "api",
        "cluster": made.get(CLUSTER, "name"),
        "location": REGION,
        "nodeLocations": ZONES,
        "initialNodeCount": 1,
        "autoscaling": {"totalMinNodeCount": 2, "totalMaxNodeCount": 10},
        "nodeConfig": {"machineType": "n2-standard-8", "diskSizeGb": 100},
    }


@good("gcp:compute/instanceGroupNamedPort:InstanceGroupNamedPort")
def _(made: Made) -> Inputs:
    [group, *_] = made.get(POOL, "managedInstanceGroupUrls")
    return {"group": group, "zone": ZONES[0], "name": "http", "port": 30283}


@good("gcp:compute/healthCheck:HealthCheck")
def _(made: Made) -> Inputs:
    return {"name": "api", "httpHealthCheck": {"port": 30283}}


@good("gcp:compute/securityPolicy:SecurityPolicy")
def _(made: Made) -> Inputs:
    everyone = {"versionedExpr": "SRC_IPS_V1", "config": {"srcIpRanges": ["*"]}}
    return {
        "name": "callers",
        "rules": [{"action": "allow", "priority": 2147483647, "match": everyone}],
    }


@good("gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup")
def _(made: Made) -> Inputs:
    return {
        "name": "api",
        "region": REGION,
        "networkEndpointType": "SERVERLESS",
        "cloudRun": {"service": made.get(SERVICE, "name")},
    }


@good(BACKEND)
def _(made: Made) -> Inputs:
    group = made.make("gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup").id
    return {
        "name": "api",
        "protocol": "HTTPS",
        "loadBalancingScheme": "EXTERNAL_MANAGED",
        "backends": [{"group": group}],
    }


@good(URL_MAP)
def _(made: Made) -> Inputs:
    return {"name": "in", "defaultService": made.make(BACKEND).id}


@good("gcp:compute/sSLPolicy:SSLPolicy")
def _(made: Made) -> Inputs:
    return {"name": "tls", "profile": "RESTRICTED", "minTlsVersion": "TLS_1_2"}


@good("gcp:compute/targetHttpsProxy:TargetHttpsProxy")
def _(made: Made) -> Inputs:
    certificates = f"//certificatemanager.googleapis.com/{made.make(CERTIFICATES).id}"
    return {"name": "in", "urlMap": made.make(URL_MAP).id, "certificateMap": certificates}


@good(HTTP_PROXY)
def _(made: Made) -> Inputs:
    return {"name": "in", "urlMap": made.make(URL_MAP).id}


@good("gcp:compute/globalForwardingRule:GlobalForwardingRule")
def _(made: Made) -> Inputs:
    return {
        "name": "in",
        "target": made.make(HTTP_PROXY).id,
        "portRange": "80",
        "loadBalancingScheme": "EXTERNAL_MANAGED",
    }


@good(AUTHORIZATION)
def _(made: Made) -> Inputs:
    return {"name": "letta", "domain": "letta.example.com"}


@good(CERTIFICATE)
def _(made: Made) -> Inputs:
    authorization = made.make(AUTHORIZATION).id
    managed = {"domains": ["letta.example.com"], "dnsAuthorizations": [authorization]}
    return {"name": "letta", "managed": managed}


@good(CERTIFICATES)
def _(made: Made) -> Inputs:
    return {"name": "letta"}


@good("gcp:certificatemanager/certificateMapEntry:CertificateMapEntry")
def _(made: Made) -> Inputs:
    return {
        "name": "letta",
        "map": made.get(CERTIFICATES, "name"),
        "certificates": [made.make(CERTIFICATE).id],
        "hostname": "letta.example.com",
    }


@good("gcp:dns/recordSet:RecordSet")
def _(made: Made) -> Inputs:
    return {
        "managedZone": "example-com",
        "name": "letta.example.com.",
        "type": "A",
        "ttl": 300,
        "rrdatas": ["203.0.113.9"],
    }
