"""Types for which Google bills nothing, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping

_NETWORK = "parts of a network are free; what passes through is billed elsewhere"
_RIGHTS = "rights are free"
_BALANCER = "billed with its load balancer"

FREE: Mapping[str, str] = {
    "gcp:billing/budget:Budget": "budgets are free",
    "gcp:certificatemanager/certificate:Certificate": "the first hundred certificates are free",
    "gcp:certificatemanager/certificateMap:CertificateMap": _BALANCER,
    "gcp:certificatemanager/certificateMapEntry:CertificateMapEntry": _BALANCER,
    "gcp:certificatemanager/dnsAuthorization:DnsAuthorization": _BALANCER,
    "gcp:cloudrunv2/jobIamMember:JobIamMember": _RIGHTS,
    "gcp:cloudrun/domainMapping:DomainMapping": "billed with its service",
    "gcp:compute/backendService:BackendService": _BALANCER,
    "gcp:compute/firewall:Firewall": _NETWORK,
    "gcp:compute/globalAddress:GlobalAddress": "free while a forwarding rule uses it",
    "gcp:compute/globalForwardingRule:GlobalForwardingRule": _BALANCER,
    "gcp:compute/healthCheck:HealthCheck": _BALANCER,
    "gcp:compute/instanceGroupNamedPort:InstanceGroupNamedPort": _BALANCER,
    "gcp:compute/network:Network": _NETWORK,
    "gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup": _BALANCER,
    "gcp:compute/router:Router": _NETWORK,
    "gcp:compute/sSLPolicy:SSLPolicy": _BALANCER,
    "gcp:compute/subnetwork:Subnetwork": _NETWORK,
    "gcp:compute/targetHttpProxy:TargetHttpProxy": _BALANCER,
    "gcp:compute/targetHttpsProxy:TargetHttpsProxy": _BALANCER,
    "gcp:dns/recordSet:RecordSet": "a zone that is not of the stack bills its queries",
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": _RIGHTS,
    "gcp:kms/keyRing:KeyRing": "billed with its keys",
    "gcp:logging/projectExclusion:ProjectExclusion": "keeps lines from being billed twice",
    "gcp:logging/projectSink:ProjectSink": "billed with the bucket that it fills",
    "gcp:monitoring/notificationChannel:NotificationChannel": "e-mails are free",
    "gcp:projects/iAMMember:IAMMember": _RIGHTS,
    "gcp:projects/serviceIdentity:ServiceIdentity": _RIGHTS,
    "gcp:pubsub/subscription:Subscription": "billed with its topic",
    "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember": _RIGHTS,
    "gcp:pubsub/topicIAMMember:TopicIAMMember": _RIGHTS,
    "gcp:secretmanager/secretIamMember:SecretIamMember": _RIGHTS,
    "gcp:secretmanager/secretVersion:SecretVersion": "billed with its secret",
    "gcp:serviceaccount/account:Account": _RIGHTS,
    "gcp:servicenetworking/connection:Connection": _NETWORK,
    "gcp:storage/bucketIAMMember:BucketIAMMember": _RIGHTS,
    "gcp:sql/database:Database": "billed with its server",
    "gcp:sql/user:User": _RIGHTS,
    **dict.fromkeys(
        (
            "random:index/randomBytes:RandomBytes",
            "random:index/randomId:RandomId",
            "random:index/randomPassword:RandomPassword",
            "random:index/randomString:RandomString",
        ),
        "a value in the engine's state",
    ),
}
