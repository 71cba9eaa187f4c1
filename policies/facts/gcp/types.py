"""Type tokens of the resources that facts are read from."""

from __future__ import annotations

ALERT = "gcp:monitoring/alertPolicy:AlertPolicy"
BACKEND = "gcp:compute/backendService:BackendService"
BUCKET = "gcp:storage/bucket:Bucket"
CACHE = "gcp:redis/instance:Instance"
CLUSTER = "gcp:container/cluster:Cluster"
DATABASE = "gcp:sql/databaseInstance:DatabaseInstance"
DOMAIN_MAPPING = "gcp:cloudrun/domainMapping:DomainMapping"
ENDPOINT_GROUP = "gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup"
FIREWALL = "gcp:compute/firewall:Firewall"
FORWARDING_RULE = "gcp:compute/globalForwardingRule:GlobalForwardingRule"
HEALTH_CHECK = "gcp:compute/healthCheck:HealthCheck"
HTTP_PROXY = "gcp:compute/targetHttpProxy:TargetHttpProxy"
HTTPS_PROXY = "gcp:compute/targetHttpsProxy:TargetHttpsProxy"
JOB = "gcp:cloudrunv2/job:Job"
KEY = "gcp:kms/cryptoKey:CryptoKey"
LOG_BUCKET = "gcp:logging/projectBucketConfig:ProjectBucketConfig"
METRIC = "gcp:logging/metric:Metric"
NODE_POOL = "gcp:container/nodePool:NodePool"
SCHEDULE = "gcp:cloudscheduler/job:Job"
SECRET = "gcp:secretmanager/secret:Secret"  # noqa: S105  (a type token)
SECURITY_POLICY = "gcp:compute/securityPolicy:SecurityPolicy"
SERVICE = "gcp:cloudrunv2/service:Service"
TLS_POLICY = "gcp:compute/sSLPolicy:SSLPolicy"
URL_MAP = "gcp:compute/uRLMap:URLMap"

MEMBERS = (
    "gcp:cloudrunv2/jobIamMember:JobIamMember",
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
    "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember",
    "gcp:pubsub/topicIAMMember:TopicIAMMember",
    "gcp:secretmanager/secretIamMember:SecretIamMember",
    "gcp:serviceaccount/iAMMember:IAMMember",
    "gcp:storage/bucketIAMMember:BucketIAMMember",
    "gcp:cloudrunv2/serviceIamMember:ServiceIamMember",
)
"""Who may do what with one resource."""
PROJECT_MEMBER = "gcp:projects/iAMMember:IAMMember"
"""Who may do what in the whole project."""
