"""Load balancer: TLS, redirects, routing by path, access logs."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_alicloud import alb, dns, ess

from components.alicloud import alarm_tables
from components.alicloud.alerts import raise_alarms
from components.alicloud.fixed import ALB_EDITION
from components.alicloud.network import EVERYONE
from components.alicloud.ports import HTTP_PORT, HTTPS_PORT
from components.alicloud.site import Site
from components.args import IngressArgs
from components.letta.environment import DRAIN_SECONDS, HEALTH_PATH

TLS_POLICY = "tls_cipher_policy_1_2_strict_with_1_3"
"""The strictest of ALB's own: TLS 1.2 with forward secrecy, and 1.3."""
FIRST_RULE = 10
"""Rules with lower numbers come first; the space before leaves room for one's own."""
TTL_SECONDS = 600
"""How long resolvers keep a record: the least that every edition of Alibaba Cloud DNS takes."""
WEIGHT = 100
"""All machines are alike."""
PATHS_PER_RULE = 5
"""Paths of one rule (ALB user guide, "Limits": conditions of a forwarding rule)."""


class LoadBalancer(pulumi.ComponentResource):
    """An application load balancer before the machines of the servers (requirement N1).

    Auto Scaling tells it of machines that come and go; a machine without a ready copy answers
    nothing on the port of its tier, and so fails the health check.
    """

    url: pulumi.Output[str]
    """Where users reach the API, `https://…`."""
    address: pulumi.Output[str]
    """Host name that a DNS record of the domain must point to."""

    def __init__(
        self, name: str, args: IngressArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        if args.certificate is None:
            raise ValueError("certificate: the settings demand one")
        super().__init__(
            "letta:alicloud:LoadBalancer",
            name,
            {"domain": args.domain, "idleTimeoutSeconds": args.idle_timeout_seconds},
            opts,
        )
        self._name, self._args, self._site = name, args, site
        self._child = pulumi.ResourceOptions(parent=self)
        network, place = site.network, site.place
        store, indexed = site.logs.of_requests()
        self._balancer = alb.LoadBalancer(
            name,
            load_balancer_name=name,
            vpc_id=network.vpc_id,
            address_type="Internet",
            address_allocated_mode="Fixed",
            load_balancer_edition=ALB_EDITION,
            load_balancer_billing_config=alb.LoadBalancerLoadBalancerBillingConfigArgs(
                pay_type="PayAsYouGo"
            ),
            zone_mappings=[
                alb.LoadBalancerZoneMappingArgs(zone_id=zone, vswitch_id=switch)
                for zone, switch in zip(network.zones, network.node_switches, strict=True)
            ],
            deletion_protection_enabled=args.deletion_protection,
            access_log_config=alb.LoadBalancerAccessLogConfigArgs(
                log_project=site.logs.project, log_store=store
            ),
            tags=place.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[indexed]),
        )
        self.address = self._balancer.dns_name
        self._default = self._group("api")
        self._https = self._listen(args.certificate)
        self._redirect()
        if args.hosted_zone:
            self._record(args.hosted_zone)
        raise_alarms(
            self,
            name,
            alarm_tables.load_balancer(self._balancer.id),
            site.alerts,
            place,
        )
        self.url = pulumi.Output.from_input(f"https://{args.domain}")
        self.register_outputs({"url": self.url, "address": self.address})

    def route(self, role: str, paths: Sequence[str]) -> pulumi.Output[str]:
        """Send requests for `paths`, in which `*` is anything, to machines of their own; without
        paths, whatever no other tier takes. The id of the group of these machines."""
        if not paths:
            return self._default.id
        group = self._group(role)
        for number, start in enumerate(range(0, len(paths), PATHS_PER_RULE)):
            label = f"{self._name}-{role}-{number + 1}"
            alb.Rule(
                label,
                rule_name=label,
                listener_id=self._https.id,
                priority=FIRST_RULE + number,
                rule_conditions=[
                    alb.RuleRuleConditionArgs(
                        type="Path",
                        path_config=alb.RuleRuleConditionPathConfigArgs(
                            values=list(paths[start : start + PATHS_PER_RULE])
                        ),
                    )
                ],
                rule_actions=[
                    alb.RuleRuleActionArgs(
                        order=1,
                        type="ForwardGroup",
                        forward_group_config=alb.RuleRuleActionForwardGroupConfigArgs(
                            server_group_tuples=[
                                alb.RuleRuleActionForwardGroupConfigServerGroupTupleArgs(
                                    server_group_id=group.id, weight=WEIGHT
                                )
                            ]
                        ),
                    )
                ],
                opts=self._child,
            )
        return group.id

    def register(
        self,
        parent: pulumi.Resource,
        name: str,
        group: pulumi.Output[str],
        machines: pulumi.Output[str],
        port: int,
        after: Sequence[pulumi.Resource],
    ) -> pulumi.Resource:
        """Put the machines of a scaling group, with those that it is yet to have, into a group of
        the load balancer's."""
        return ess.AlbServerGroupAttachment(
            name,
            scaling_group_id=machines,
            alb_server_group_id=group,
            port=port,
            weight=WEIGHT,
            # Machines that are there already are registered too.
            force_attach=True,
            opts=pulumi.ResourceOptions(parent=parent, depends_on=[self._https, *after]),
        )

    def _group(self, role: str) -> alb.ServerGroup:
        label = f"{self._name}-{role}"
        group = alb.ServerGroup(
            label,
            server_group_name=label,
            server_group_type="Instance",
            vpc_id=self._site.network.vpc_id,
            protocol="HTTP",
            scheduler="Wlc",
            health_check_config=alb.ServerGroupHealthCheckConfigArgs(
                health_check_enabled=True,
                health_check_protocol="HTTP",
                health_check_method="GET",
                health_check_path=HEALTH_PATH,
                health_check_codes=["http_2xx"],
                # That of the machine's own port.
                health_check_connect_port=0,
                health_check_interval=10,
                health_check_timeout=5,
                healthy_threshold=2,
                unhealthy_threshold=3,
            ),
            connection_drain_config=alb.ServerGroupConnectionDrainConfigArgs(
                connection_drain_enabled=True, connection_drain_timeout=DRAIN_SECONDS
            ),
            sticky_session_config=alb.ServerGroupStickySessionConfigArgs(
                sticky_session_enabled=False
            ),
            tags=self._site.place.tags,
            opts=self._child,
        )
        raise_alarms(
            self,
            label,
            alarm_tables.server_group(self._balancer.id, group.id),
            self._site.alerts,
            self._site.place,
        )
        return group

    def _listen(self, certificate: str) -> alb.Listener:
        listener = alb.Listener(
            f"{self._name}-https",
            listener_description=f"{self._name}-https",
            load_balancer_id=self._balancer.id,
            listener_protocol="HTTPS",
            listener_port=HTTPS_PORT,
            certificates=alb.ListenerCertificatesArgs(certificate_id=certificate),
            security_policy_id=TLS_POLICY,
            idle_timeout=self._args.idle_timeout_seconds,
            request_timeout=self._args.idle_timeout_seconds,
            http2_enabled=True,
            # The server redirects a path without its last slash, and must know that callers speak
            # TLS: else it sends them and their password to port 80.
            x_forwarded_for_config=alb.ListenerXForwardedForConfigArgs(
                x_forwarded_for_enabled=True, x_forwarded_for_proto_enabled=True
            ),
            # Streams must not wait in a compressor.
            gzip_enabled=False,
            default_actions=[self._forward()],
            tags=self._site.place.tags,
            opts=self._child,
        )
        self._admit(f"{self._name}-https", listener)
        return listener

    def _forward(self) -> alb.ListenerDefaultActionArgs:
        return alb.ListenerDefaultActionArgs(
            type="ForwardGroup",
            forward_group_config=alb.ListenerDefaultActionForwardGroupConfigArgs(
                server_group_tuples=[
                    alb.ListenerDefaultActionForwardGroupConfigServerGroupTupleArgs(
                        server_group_id=self._default.id
                    )
                ]
            ),
        )

    def _redirect(self) -> None:
        """Plain HTTP is sent to HTTPS by a rule: a listener itself can only forward."""
        label = f"{self._name}-http"
        listener = alb.Listener(
            label,
            listener_description=label,
            load_balancer_id=self._balancer.id,
            listener_protocol="HTTP",
            listener_port=HTTP_PORT,
            default_actions=[self._forward()],
            tags=self._site.place.tags,
            opts=self._child,
        )
        self._admit(label, listener)
        alb.Rule(
            label,
            rule_name=label,
            listener_id=listener.id,
            priority=1,
            rule_conditions=[
                alb.RuleRuleConditionArgs(
                    type="Path", path_config=alb.RuleRuleConditionPathConfigArgs(values=["/*"])
                )
            ],
            rule_actions=[
                alb.RuleRuleActionArgs(
                    order=1,
                    type="Redirect",
                    redirect_config=alb.RuleRuleActionRedirectConfigArgs(
                        protocol="HTTPS", port=str(HTTPS_PORT), http_code="301"
                    ),
                )
            ],
            opts=self._child,
        )

    def _admit(self, name: str, listener: alb.Listener) -> None:
        """Let nobody else call than the arguments say."""
        sources = self._args.allowed_cidrs
        if EVERYONE in sources:
            return
        admitted = alb.Acl(name, acl_name=name, tags=self._site.place.tags, opts=self._child)
        entries = alb.AclEntryAttachment(
            name,
            acl_id=admitted.id,
            entries=[alb.AclEntryAttachmentEntryArgs(entry=cidr) for cidr in sources],
            opts=self._child,
        )
        alb.ListenerAclAttachment(
            name,
            listener_id=listener.id,
            acl_id=admitted.id,
            acl_type="White",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[entries]),
        )

    def _record(self, zone: str) -> None:
        host = self._args.domain.removesuffix(zone).rstrip(".") or "@"
        dns.AlidnsRecord(
            self._name,
            domain_name=zone,
            rr=host,
            type="CNAME",
            value=self.address,
            ttl=TTL_SECONDS,
            opts=self._child,
        )
