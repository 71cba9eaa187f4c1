"""Ways in: gateway, the environment's own ingress, security groups, and the firewall."""

from __future__ import annotations

from collections.abc import Iterator

from components.azure.fixed import LB_IDLE_MINUTES
from policies.facts.azure import locks, types
from policies.facts.azure.stores import open_caches
from policies.facts.graph import Graph
from policies.facts.kubernetes.types import SERVICE
from policies.facts.model import Firewall, InboundRule, Listener, LoadBalancer
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived

HTTP_PORT, HTTPS_PORT = 80, 443
INGRESS_IDLE_MINUTES = 4
"""Silence that an environment's ingress bears where nothing is stated (SDK,
`IngressConfiguration.request_idle_timeout`)."""
GATEWAY_IDLE_SECONDS = 20
"""The same of a gateway (SDK, `ApplicationGatewayBackendHttpSettings.request_timeout`)."""
MODERN_POLICIES = ("AppGwSslPolicy20220101", "AppGwSslPolicy20220101S")
"""Policies that offer TLS 1.3 and nothing below 1.2 (Application Gateway documentation, "TLS policy
overview")."""
_BALANCER = "service.beta.kubernetes.io/azure-load-balancer"
ADDRESS, INTERNAL, IDLE = (f"{_BALANCER}-{end}" for end in ("ipv4", "internal", "tcp-idle-timeout"))
"""Annotations of a service: its address in the network, whether it has that alone, and how many
minutes of silence its load balancer bears."""
FIREWALL_LOG = "ApplicationGatewayFirewallLog"
_FIVE_MINUTES = {"OneMin": 5, "FiveMins": 1}
_ANYWHERE = "0.0.0.0/0"
_EVERYBODY = ("*", "internet", "0.0.0.0/0", "any", "::/0")
_ALL_PORTS = (0, 65535)
_INGRESS = "configuration.ingress"
_MODERN = "TLS 1.2 and 1.3"


def load_balancers(graph: Graph) -> tuple[LoadBalancer, ...]:
    """The gateways; where there is none, the environments' own ingress."""
    return tuple(_gateway(graph, one) for one in graph.of(types.GATEWAY)) or tuple(
        _ingress(graph, one) for one in graph.of(types.ENVIRONMENT)
    )


def _gateway(graph: Graph, gateway: Resource) -> LoadBalancer:
    return LoadBalancer(
        name=gateway.name,
        urn=gateway.urn,
        # The way leads through the environments' ingress as well.
        idle_timeout_seconds=derived(lambda: min(_limits(graph, gateway))),
        deletion_protection=derived(lambda: locks.locked(graph, gateway)),
        protectable=True,
        listeners=derived(lambda: tuple(_listeners(gateway))),
        firewalls=derived(lambda: tuple(_firewalls(graph, gateway))),
    )


def drained(gateway: Resource) -> int:
    """Seconds for which requests of a server that leaves may go on."""
    return min(
        (
            held.integer("connectionDraining.drainTimeoutInSec")
            if held.flag("connectionDraining.enabled")
            else 0
            for held in gateway.root.nodes("backendHttpSettingsCollection")
        ),
        default=0,
    )


def _limits(graph: Graph, gateway: Resource) -> Iterator[int]:
    for held in gateway.root.nodes("backendHttpSettingsCollection"):
        yield held.integer("requestTimeout", GATEWAY_IDLE_SECONDS)
    for environment in graph.of(types.ENVIRONMENT):
        yield _idle(environment)
    # The way leads through the load balancers of a cluster's services as well.
    for service in graph.of(SERVICE):
        if given_address(service) in addresses(gateway):
            minutes = _annotation(service, IDLE, str(LB_IDLE_MINUTES[0]))
            yield 60 * int(minutes) if minutes.isdecimal() else 0


def given_address(service: Resource) -> str:
    """The address in the network that a service of a cluster asks for."""
    return _annotation(service, ADDRESS) if is_inner(service) else ""


def is_inner(service: Resource) -> bool:
    """Whether the load balancer of a service of a cluster has an address in the network alone."""
    return _annotation(service, INTERNAL) == "true"


def _annotation(service: Resource, name: str, otherwise: str = "") -> str:
    return service.root.node("metadata.annotations").child(name).text("", otherwise)


def addresses(gateway: Resource) -> frozenset[str]:
    """What a gateway calls by address."""
    return frozenset(
        address.text("ipAddress")
        for pool in gateway.root.nodes("backendAddressPools")
        for address in pool.nodes("backendAddresses")
        if address.given("ipAddress")
    )


def _idle(environment: Resource) -> int:
    minutes = environment.root.integer(
        "ingressConfiguration.requestIdleTimeout", INGRESS_IDLE_MINUTES
    )
    return derived(lambda known: int(known) * 60, minutes)


def _ingress(graph: Graph, environment: Resource) -> LoadBalancer:
    """The ingress of Container Apps, which ends TLS by 1.2 and 1.3 alone and leads to it from plain
    HTTP wherever an app does not ask for more (Container Apps documentation, "Ingress")."""
    secure = Listener(
        name=environment.name,
        urn=environment.urn,
        port=HTTPS_PORT,
        tls=True,
        tls_policy=_MODERN,
        modern_tls=True,
        redirects_to_tls=False,
    )
    plain = Listener(
        name=environment.name,
        urn=environment.urn,
        port=HTTP_PORT,
        tls=False,
        tls_policy="",
        modern_tls=False,
        redirects_to_tls=derived(
            lambda: (
                not any(
                    app.root.flag(f"{_INGRESS}.allowInsecure")
                    for app in graph.referring(environment, "environmentId", types.APP)
                )
            )
        ),
    )
    return LoadBalancer(
        name=environment.name,
        urn=environment.urn,
        idle_timeout_seconds=_idle(environment),
        deletion_protection=False,
        protectable=False,
        listeners=(secure, plain),
        firewalls=(),
    )


def _listeners(gateway: Resource) -> Iterator[Listener]:
    root = gateway.root
    ports = {one.text("name"): one.integer("port") for one in root.nodes("frontendPorts")}
    policy = root.text("sslPolicy.policyName")
    redirects = {
        _tail(rule.text("httpListener.id")): _tail(rule.text("redirectConfiguration.id"))
        for rule in root.nodes("requestRoutingRules")
    }
    secure = {
        one.text("name") for one in root.nodes("httpListeners") if one.text("protocol") == "Https"
    }
    targets = {
        one.text("name"): _tail(one.text("targetListener.id"))
        for one in root.nodes("redirectConfigurations")
    }
    for listener in root.nodes("httpListeners"):
        tls = listener.text("protocol") == "Https"
        name = listener.text("name")
        yield Listener(
            name=gateway.name,
            urn=gateway.urn,
            port=ports.get(_tail(listener.text("frontendPort.id")), 0),
            tls=tls,
            tls_policy=policy if tls else "",
            modern_tls=policy in MODERN_POLICIES,
            redirects_to_tls=targets.get(redirects.get(name, "")) in secure,
        )


def _tail(resource_id: str) -> str:
    return resource_id.rpartition("/")[2]


def _firewalls(graph: Graph, gateway: Resource) -> Iterator[Firewall]:
    logged = any(
        log.text("category") == FIREWALL_LOG and log.flag("enabled")
        for setting in graph.referring(gateway, "resourceUri", types.DIAGNOSTICS)
        for log in setting.root.nodes("logs")
    )
    for policy in graph.referred(gateway, "firewallPolicy", types.FIREWALL):
        settings = policy.root.node("policySettings")
        acts = (
            settings.text("state", "Enabled") == "Enabled"
            and settings.text("mode", "Prevention") == "Prevention"
        )
        managed = tuple(
            f"{one.text('ruleSetType')} {one.text('ruleSetVersion')}"
            for one in policy.root.nodes("managedRules.managedRuleSets")
        )
        yield Firewall(
            name=policy.name,
            urn=policy.urn,
            managed=managed if acts else (),
            body_rules=managed if settings.flag("requestBodyCheck", default=True) else (),
            rate_limit=max(_rates(policy), default=0) if acts else 0,
            logged=logged,
        )


def _rates(policy: Resource) -> Iterator[int]:
    """Requests of one address in five minutes, of each rule that bounds them."""
    for rule in policy.root.nodes("customRules"):
        blocks = rule.text("action") == "Block" and rule.text("state", "Enabled") == "Enabled"
        if rule.text("ruleType") == "RateLimitRule" and blocks:
            windows = _FIVE_MINUTES[rule.text("rateLimitDuration", "OneMin")]
            yield rule.integer("rateLimitThreshold") * windows


def inbound(graph: Graph) -> tuple[InboundRule, ...]:
    """Who may open connections: by the security groups of the subnets, to apps of an environment
    with a public address, and to caches that have one."""
    return derived(lambda: (*_inbound(graph), *_open_apps(graph), *open_caches(graph)))


def _inbound(graph: Graph) -> Iterator[InboundRule]:
    for group in graph.of(types.SECURITY_GROUP):
        yield from allowed(group, way_in=_is_way_in(graph, group))


def _is_way_in(graph: Graph, group: Resource) -> bool:
    """Whether a gateway stands in its subnet."""
    return any(
        graph.referring(subnet, "gatewayIPConfigurations", types.GATEWAY)
        for subnet in graph.referring(group, "networkSecurityGroup", types.SUBNET)
    )


def _open_apps(graph: Graph) -> Iterator[InboundRule]:
    """What comes to an environment's public address passes no security group: the app says who may
    call it."""
    for environment in graph.of(types.ENVIRONMENT):
        if environment.root.flag("vnetConfiguration.internal"):
            continue
        for app in graph.referring(environment, "environmentId", types.APP):
            for port in _published(app.root.node(_INGRESS)):
                for network in _callers(app.root.node(_INGRESS)):
                    yield InboundRule(
                        name=app.name,
                        urn=app.urn,
                        group=app.name,
                        network=network,
                        protocol="tcp",
                        ports=(port, port),
                        way_in=True,
                    )


def _published(ingress: Node) -> Iterator[int]:
    """Ports that an app has on its environment's public address."""
    if ingress.flag("external"):
        if ingress.text("transport", "auto").lower() == "tcp":
            yield ingress.integer("exposedPort", ingress.integer("targetPort"))
        else:
            yield from (HTTPS_PORT, HTTP_PORT)
    for mapped in ingress.nodes("additionalPortMappings"):
        if mapped.flag("external"):
            yield mapped.integer("exposedPort", mapped.integer("targetPort"))


def _callers(ingress: Node) -> Iterator[str]:
    """Address ranges that may call; whoever is not refused, where none is let in by name."""
    let_in = [
        rule.text("ipAddressRange")
        for rule in ingress.nodes("ipSecurityRestrictions")
        if rule.text("action") == "Allow"
    ]
    yield from let_in or (_ANYWHERE,)


def allowed(group: Resource, *, way_in: bool) -> Iterator[InboundRule]:
    """What a security group lets in."""
    for rule in group.root.nodes("securityRules"):
        if rule.text("direction") == "Inbound" and rule.text("access") == "Allow":
            for network in _sources(rule):
                for ports in _ports(rule):
                    yield InboundRule(
                        name=group.name,
                        urn=group.urn,
                        group=group.name,
                        network=network,
                        protocol=rule.text("protocol").lower().replace("*", "any"),
                        ports=ports,
                        way_in=way_in,
                    )


def _sources(rule: Node) -> Iterator[str]:
    """Address ranges; empty for one of Azure's own services."""
    for source in (*rule.texts("sourceAddressPrefixes"), rule.text("sourceAddressPrefix")):
        if source.lower() in _EVERYBODY:
            yield _ANYWHERE
        elif source:
            yield source if source[0].isdigit() else ""


def _ports(rule: Node) -> Iterator[tuple[int, int]]:
    for given in (*rule.texts("destinationPortRanges"), rule.text("destinationPortRange")):
        if given == "*":
            yield _ALL_PORTS
        elif given:
            first, _, last = given.partition("-")
            yield int(first), int(last or first)
