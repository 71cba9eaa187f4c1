"""Load balancer: TLS, redirects, routing by path, access logs."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_aws import acm, lb

from components.args import IngressArgs
from components.aws import alarm_tables, dns
from components.aws.alarms import raise_alarms
from components.aws.bucket import ACCESS_LOG_PREFIX, LogBucket
from components.aws.dns import Zone
from components.aws.firewall import Firewall
from components.aws.flows import HTTP_PORT, HTTPS_PORT
from components.aws.ground import SITE_TAG
from components.aws.site import Site
from components.letta.environment import (
    DRAIN_SECONDS,
    HEALTH_PATH,
    PORT,
    STOP_TIMEOUT_SECONDS,
)

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
"""TLS 1.3, and 1.2 for clients that lack it (ELB user guide, "Security policies")."""
CLIENT_KEEPALIVE_SECONDS = 3600
"""How long a client may keep its connection, however busy it is."""
FIRST_PATH_PRIORITY = 10
"""Rules with lower numbers come first; the space before leaves room for one's own."""


class LoadBalancer(pulumi.ComponentResource):
    """An application load balancer in front of the tiers (requirement N1)."""

    url: pulumi.Output[str]
    """Where users reach the API, `https://…`."""
    address: pulumi.Output[str]
    """Host name that a DNS record of the domain must point to."""
    target_group: lb.TargetGroup
    """Where requests go that no path rule takes: the API tier."""
    listener: lb.Listener
    """The HTTPS listener; a service can only register once it uses the target group."""

    def __init__(
        self, name: str, args: IngressArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(
            "letta:aws:LoadBalancer",
            name,
            {"domain": args.domain, "idleTimeoutSeconds": args.idle_timeout_seconds},
            dns.same_record(opts, "letta:aws:InstanceProxy"),
        )
        self._site = site
        child = pulumi.ResourceOptions(parent=self)
        logs = LogBucket(f"{name}-logs", site, child)
        self._balancer = lb.LoadBalancer(
            name,
            load_balancer_type="application",
            internal=False,
            subnets=list(site.network.public_subnet_ids),
            security_groups=[site.network.security_groups["load_balancer"]],
            idle_timeout=args.idle_timeout_seconds,
            client_keep_alive=CLIENT_KEEPALIVE_SECONDS,
            drop_invalid_header_fields=True,
            enable_deletion_protection=args.deletion_protection,
            # The right to write into the bucket, tested at once, is there when its name is.
            access_logs=lb.LoadBalancerAccessLogsArgs(
                bucket=logs.bucket, prefix=ACCESS_LOG_PREFIX, enabled=True
            ),
            opts=child,
        )
        self.target_group = self._targets(f"{name}-api")
        zone = Zone(args.hosted_zone, child) if args.hosted_zone else None
        certificate = args.certificate or self._certificate(name, args.domain, zone)
        self.listener = lb.Listener(
            f"{name}-https",
            load_balancer_arn=self._balancer.arn,
            port=HTTPS_PORT,
            protocol="HTTPS",
            ssl_policy=TLS_POLICY,
            certificate_arn=certificate,
            default_actions=[
                lb.ListenerDefaultActionArgs(type="forward", target_group_arn=self.target_group.arn)
            ],
            opts=child,
        )
        lb.Listener(
            f"{name}-http",
            load_balancer_arn=self._balancer.arn,
            port=HTTP_PORT,
            protocol="HTTP",
            default_actions=[
                lb.ListenerDefaultActionArgs(
                    type="redirect",
                    redirect=lb.ListenerDefaultActionRedirectArgs(
                        protocol="HTTPS", port=str(HTTPS_PORT), status_code="HTTP_301"
                    ),
                )
            ],
            opts=child,
        )
        if args.waf:
            Firewall(f"{name}-waf", args.waf, site, self._balancer, child)
        self.address = self._balancer.dns_name
        if zone:
            zone.alias(name, args.domain, self._balancer)
        raise_alarms(
            self,
            name,
            alarm_tables.load_balancer(
                self._balancer.arn_suffix, {"api": self.target_group.arn_suffix}
            ),
            site.alerts.topic_arn,
        )
        self.url = pulumi.Output.from_input(f"https://{args.domain}")
        self.register_outputs({"url": self.url, "address": self.address})

    def route(self, name: str, paths: Sequence[str]) -> tuple[lb.TargetGroup, lb.ListenerRule]:
        """Send requests for `paths` to a target group of their own, named after `name`.

        Returns the group and the rule, on which a service that registers there depends.
        """
        targets = self._targets(name)
        rule = lb.ListenerRule(
            name,
            listener_arn=self.listener.arn,
            priority=FIRST_PATH_PRIORITY,
            conditions=[
                lb.ListenerRuleConditionArgs(
                    path_pattern=lb.ListenerRuleConditionPathPatternArgs(values=list(paths))
                )
            ],
            actions=[lb.ListenerRuleActionArgs(type="forward", target_group_arn=targets.arn)],
            opts=pulumi.ResourceOptions(parent=self),
        )
        raise_alarms(
            self,
            name,
            [alarm_tables.unhealthy(self._balancer.arn_suffix, "worker", targets.arn_suffix)],
            self._site.alerts.topic_arn,
        )
        return targets, rule

    def _targets(self, name: str) -> lb.TargetGroup:
        return lb.TargetGroup(
            name,
            port=PORT,
            protocol="HTTP",
            target_type="ip",
            vpc_id=self._site.network.vpc_id,
            # By this tag a cluster's controller may register targets.
            tags={SITE_TAG: self._site.tag},
            # Long enough for what the server drains: on ECS after SIGTERM, which follows this
            # delay; in a cluster meanwhile, for both begin at once.
            deregistration_delay=DRAIN_SECONDS if self._site.kubernetes else STOP_TIMEOUT_SECONDS,
            health_check=lb.TargetGroupHealthCheckArgs(
                path=HEALTH_PATH,
                matcher="200",
                interval=15,
                timeout=5,
                healthy_threshold=2,
                unhealthy_threshold=3,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _certificate(self, name: str, domain: str, zone: Zone | None) -> pulumi.Output[str]:
        """ARN of a certificate that DNS has validated."""
        if zone is None:
            raise ValueError("hosted_zone or certificate: the settings demand one")
        certificate = acm.Certificate(
            name,
            domain_name=domain,
            validation_method="DNS",
            opts=pulumi.ResourceOptions(parent=self),
        )
        option = certificate.domain_validation_options[0]
        record = zone.record(
            f"{name}-proof",
            option.resource_record_name,
            option.resource_record_type,
            option.resource_record_value,
        )
        return acm.CertificateValidation(
            name,
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            opts=pulumi.ResourceOptions(parent=self),
        ).certificate_arn
