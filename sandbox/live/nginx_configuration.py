"""The nginx configuration that behaves as a load balancer of the stack does."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from sandbox.live.load_balancer_spec import (
    Action,
    Balancer,
    ForwardedFor,
    Listener,
    Redirect,
    TargetGroup,
)

Address: TypeAlias = tuple[str, int]
"""Host and port of a target."""

# ELB user guide, "HTTP 504": no connection to a target within ten seconds.
_CONNECT_TIMEOUT_SECONDS = 10.0
_METHODS = {
    "round_robin": "",
    "least_outstanding_requests": "least_conn;",
    "weighted_random": "random;",
}
_FORWARDED_FOR: Mapping[ForwardedFor, str] = {
    "append": "$proxy_add_x_forwarded_for",
    "preserve": "$http_x_forwarded_for",
    "remove": '""',
}


@dataclass(frozen=True, kw_only=True)
class Files:
    """Where the balancer keeps what is its own."""

    folder: Path

    @property
    def configuration(self) -> Path:
        """What nginx reads."""
        return self.folder / "nginx.conf"

    @property
    def errors(self) -> Path:
        """What nginx complains of."""
        return self.folder / "error.log"

    @property
    def requests(self) -> Path:
        """A line of JSON for each request: who answered it, with what status, how soon."""
        return self.folder / "requests.jsonl"

    @property
    def certificate(self) -> Path:
        """The self-made certificate, which clients must be told to trust."""
        return self.folder / "certificate.pem"

    @property
    def key(self) -> Path:
        """The certificate's key."""
        return self.folder / "key.pem"


def render(
    balancer: Balancer,
    *,
    files: Files,
    host: str,
    ports: Mapping[int, int],
    targets: Mapping[str, Sequence[Address]],
    time_scale: float,
) -> str:
    """The configuration.

    `ports` maps each listener's port to one of `host`, `targets` the ARN of each group to
    those that get requests. Idle and keep-alive times are multiplied by `time_scale`.
    """
    return "\n".join(_lines(balancer, files, host, ports, targets, time_scale)) + "\n"


def _lines(
    balancer: Balancer,
    files: Files,
    host: str,
    ports: Mapping[int, int],
    targets: Mapping[str, Sequence[Address]],
    time_scale: float,
) -> Iterator[str]:
    if os.geteuid() == 0:
        # Otherwise the workers take another user, to whom the folder is closed.
        yield f"user {pwd.getpwuid(0).pw_name};"
    yield "daemon off;"
    # With several, each would take turns of its own.
    yield "worker_processes 1;"
    yield "worker_rlimit_nofile 8192;"
    yield f'pid "{files.folder / "nginx.pid"}";'
    yield f'error_log "{files.errors}" warn;'
    yield "events { worker_connections 4096; }"
    yield "http {"
    yield from (f"  {line}" for line in _http(balancer, files, host, time_scale))
    for group in balancer.target_groups:
        yield from (f"  {line}" for line in _upstream(balancer, group, targets, time_scale))
    for listener in balancer.listeners:
        yield from (
            f"  {line}" for line in _server(balancer, listener, files, host, ports, targets)
        )
    yield "}"


def _http(balancer: Balancer, files: Files, host: str, scale: float) -> Iterator[str]:
    idle = _time(balancer.idle_timeout_seconds * scale)
    yield (
        'log_format requests escape=json \'{"time":"$time_iso8601","ended":$msec,'
        '"port":$server_port,"method":"$request_method","path":"$uri","status":$status,'
        '"group":"$proxy_host","target":"$upstream_addr","target_status":"$upstream_status",'
        '"seconds":$request_time,"target_seconds":"$upstream_header_time"}\';'
    )
    yield f'access_log "{files.requests}" requests;'
    for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
        yield f'{kind}_temp_path "{files.folder / kind}";'
    yield "server_tokens off;"
    yield "merge_slashes off;"
    # Idle: neither side of a connection has sent anything for so long (ELB user guide).
    for directive in (
        "keepalive_timeout",
        "client_header_timeout",
        "client_body_timeout",
        "send_timeout",
        "proxy_read_timeout",
        "proxy_send_timeout",
    ):
        yield f"{directive} {idle};"
    yield f"keepalive_time {_time(balancer.client_keepalive_seconds * scale)};"
    # Not ended by a number of requests, as nginx does by default.
    yield "keepalive_requests 1000000;"
    yield f"proxy_connect_timeout {_time(_CONNECT_TIMEOUT_SECONDS)};"
    # Quotas of an application load balancer: headers 16 KB a line and 64 KB in all, 32 KB in an
    # answer; a body may be of any size unless a Lambda function is the target.
    yield "large_client_header_buffers 4 16k;"
    yield "client_max_body_size 0;"
    yield "proxy_buffer_size 32k;"
    yield "proxy_buffers 8 32k;"
    # A token is passed on when it comes, and a failed request is never sent a second time.
    yield "proxy_buffering off;"
    yield "proxy_request_buffering off;"
    yield "proxy_next_upstream off;"
    dropped = balancer.drop_invalid_header_fields
    yield f"ignore_invalid_headers {_switch(dropped)};"
    yield f"underscores_in_headers {_switch(not dropped)};"
    yield "proxy_http_version 1.1;"
    yield from _headers(balancer, "$http_host")
    # Servers see the load balancer come from elsewhere, as in a cloud: they may believe their own
    # machine more than others.
    yield f"proxy_bind {host};"


def _headers(balancer: Balancer, host: str) -> Iterator[str]:
    """What targets are told: where one is said otherwise, nginx wants them all again."""
    yield 'proxy_set_header Connection "";'
    yield f"proxy_set_header Host {host};"
    yield f"proxy_set_header X-Forwarded-For {_FORWARDED_FOR[balancer.forwarded_for]};"
    if balancer.tells_scheme:
        yield "proxy_set_header X-Forwarded-Proto $scheme;"
    yield "proxy_set_header X-Forwarded-Port $server_port;"


def _upstream(
    balancer: Balancer,
    group: TargetGroup,
    targets: Mapping[str, Sequence[Address]],
    scale: float,
) -> Iterator[str]:
    addresses = targets.get(group.arn, ())
    if not addresses:
        return
    # Without mitigation only a health check takes a target out.
    passive = "" if group.anomaly_mitigation else " max_fails=0"
    yield f"upstream {group.name} {{"
    if method := _METHODS[group.algorithm]:
        yield f"  {method}"
    for host, port in addresses:
        yield f"  server {host}:{port}{passive};"
    yield "  keepalive 256;"
    yield f"  keepalive_timeout {_time(balancer.idle_timeout_seconds * scale)};"
    yield "  keepalive_requests 1000000;"
    yield "}"


def _server(
    balancer: Balancer,
    listener: Listener,
    files: Files,
    host: str,
    ports: Mapping[int, int],
    targets: Mapping[str, Sequence[Address]],
) -> Iterator[str]:
    flags = " ssl" if listener.tls_versions else ""
    if listener.tls_versions and balancer.http2:
        flags += " http2"
    yield "server {"
    yield f"  listen {host}:{ports[listener.port]}{flags};"
    if listener.tls_versions:
        yield f'  ssl_certificate "{files.certificate}";'
        yield f'  ssl_certificate_key "{files.key}";'
        yield f"  ssl_protocols {' '.join(listener.tls_versions)};"
    groups = {group.arn: group for group in balancer.target_groups}
    # nginx takes the first regular expression that matches, and these are in order of priority.
    for rule in listener.rules:
        for path in rule.paths:
            action = _action(balancer, rule.action, groups, ports, targets)
            yield f'  location ~ "^(?:{_quoted(path)})$" {{ {action} }}'
    action = _action(balancer, listener.default, groups, ports, targets)
    yield f"  location / {{ {action} }}"
    yield "}"


def _action(
    balancer: Balancer,
    action: Action,
    groups: Mapping[str, TargetGroup],
    ports: Mapping[int, int],
    targets: Mapping[str, Sequence[Address]],
) -> str:
    if isinstance(action, Redirect):
        port = ports.get(action.port, action.port)
        return f"return {action.status} {action.protocol}://$host:{port}$request_uri;"
    # ELB user guide, "HTTP 503": the group has no registered targets.
    if not targets.get(action.target_group):
        return "return 503;"
    group = groups[action.target_group]
    said = [f"proxy_pass http://{group.name};"]
    if group.host:
        said += _headers(balancer, group.host)
    if action.led_back:
        found = _quoted(action.led_back)
        said.append(f'proxy_redirect "~*{found}" "$scheme://$http_host$1";')
    return " ".join(said)


def _quoted(pattern: str) -> str:
    """An expression, fit to stand between double quotes."""
    return pattern.replace("\\", "\\\\").replace('"', '\\"')


def _time(seconds: float) -> str:
    # nginx takes zero for "no limit" in one place and for "at once" in another.
    return f"{max(1, round(seconds * 1000))}ms"


def _switch(on: bool) -> str:
    return "on" if on else "off"
