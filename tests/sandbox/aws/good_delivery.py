"""Good resources: load balancers, certificates and names."""

from __future__ import annotations

from tests.sandbox.aws.estate import ZONE, Estate, Inputs, good, log_bucket


@good("aws:lb/loadBalancer:LoadBalancer")
def _(estate: Estate) -> Inputs:
    return {
        "subnets": estate.subnets,
        "securityGroups": [estate.make("aws:ec2/securityGroup:SecurityGroup").id],
        "idleTimeout": 900,
        "accessLogs": {"bucket": log_bucket(estate), "enabled": True},
    }


@good("aws:lb/targetGroup:TargetGroup")
def _(estate: Estate) -> Inputs:
    return {
        "vpcId": estate.make("aws:ec2/vpc:Vpc").id,
        "targetType": "ip",
        "port": 8283,
        "protocol": "HTTP",
        "healthCheck": {"path": "/v1/health/", "matcher": "200", "interval": 30, "timeout": 5},
    }


@good("aws:lb/listener:Listener")
def _(estate: Estate) -> Inputs:
    estate.make("aws:acm/certificateValidation:CertificateValidation")
    return {
        "loadBalancerArn": estate.make("aws:lb/loadBalancer:LoadBalancer").id,
        "port": 443,
        "protocol": "HTTPS",
        "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
        "certificateArn": estate.make("aws:acm/certificate:Certificate").id,
        "defaultActions": [
            {"type": "forward", "targetGroupArn": estate.make("aws:lb/targetGroup:TargetGroup").id}
        ],
    }


@good("aws:lb/listenerRule:ListenerRule")
def _(estate: Estate) -> Inputs:
    group = estate.make("aws:lb/targetGroup:TargetGroup", "worker").id
    return {
        "listenerArn": estate.make("aws:lb/listener:Listener").id,
        "priority": 10,
        "actions": [{"type": "forward", "targetGroupArn": group}],
        "conditions": [{"pathPattern": {"values": ["/v1/jobs/*"]}}],
    }


@good("aws:acm/certificate:Certificate")
def _(estate: Estate) -> Inputs:
    return {"domainName": "letta.example.com", "validationMethod": "DNS"}


@good("aws:acm/certificateValidation:CertificateValidation")
def _(estate: Estate) -> Inputs:
    certificate = estate.make("aws:acm/certificate:Certificate")
    [option] = certificate.outputs["domainValidationOptions"]
    record = estate.make(
        "aws:route53/record:Record",
        "validation",
        name=option["resourceRecordName"],
        type=option["resourceRecordType"],
        records=[option["resourceRecordValue"]],
    )
    return {
        "certificateArn": certificate.id,
        "validationRecordFqdns": [record.outputs["fqdn"]],
    }


@good("aws:route53/zone:Zone")
def _(estate: Estate) -> Inputs:
    return {"name": "letta.test"}


@good("aws:route53/record:Record")
def _(estate: Estate) -> Inputs:
    return {
        "zoneId": ZONE,
        "name": "letta.example.com",
        "type": "TXT",
        "ttl": 60,
        "records": ["of a test"],
    }
