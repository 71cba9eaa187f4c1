"""The way into a live sandbox: who is asked, by which name, and what the user is told."""

from __future__ import annotations

import http.server
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cli import live
from cli.live import WayIn
from tools.setup.common import UserError

NAME = "letta.example.com"
PASSWORD = "the-password"


class Letta(http.server.BaseHTTPRequestHandler):
    """Answers as the server does to who may ask what."""

    def do_GET(self) -> None:
        known = self.headers["Authorization"] == f"Bearer {PASSWORD}"
        status = 200 if self.path == live.HEALTH or known else 401
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        pass


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for the name alone, with its key in the same file."""
    file = tmp_path_factory.mktemp("certificate") / "both.pem"
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    pkcs8 = serialization.PrivateFormat.PKCS8
    file.write_bytes(key.private_bytes(encoding, pkcs8, plain) + made.public_bytes(encoding))
    return file


@pytest.fixture
def way_in(certificate: Path) -> Iterator[WayIn]:
    """Where such a server listens."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Letta) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        port = server.server_address[1]
        yield WayIn(
            url=f"https://{NAME}",
            certificate=str(certificate),
            resolve=f"{NAME}:{port}:127.0.0.1",
        )
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "ANSWER_SECONDS", 0.5)


def test_both_requests_are_answered_to_who_knows_the_password(way_in: WayIn) -> None:
    live.first_answer(way_in, PASSWORD)


def test_a_password_that_opens_nothing_is_told_and_not_shown(way_in: WayIn) -> None:
    with pytest.raises(UserError, match=r"/v1/agents/.* does not answer as it should: 401$"):
        live.first_answer(way_in, "another")


def test_a_certificate_for_another_name_is_refused(way_in: WayIn) -> None:
    other = replace(way_in, url="https://other.example.com")
    with pytest.raises(UserError, match="certificate"):
        live.first_answer(other, PASSWORD)


def test_nobody_at_home_is_told(way_in: WayIn) -> None:
    with pytest.raises(UserError, match="Connection refused"):
        live.first_answer(replace(way_in, resolve=f"{NAME}:1:127.0.0.1"), PASSWORD)


@pytest.mark.parametrize(
    ("url", "resolve", "shown", "address"),
    [
        ("https://127.85.3.1:443", None, "https://127.85.3.1", ("127.85.3.1", 443)),
        ("https://127.85.3.1:4430", None, "https://127.85.3.1:4430", ("127.85.3.1", 4430)),
        (f"https://{NAME}", f"{NAME}:443:127.9.9.9", f"https://{NAME}", ("127.9.9.9", 443)),
    ],
)
def test_the_way_in_is_the_one_with_tls(
    url: str, resolve: str | None, shown: str, address: tuple[str, int]
) -> None:
    urls = {"80": "http://127.85.3.1:80", "443": url}
    status = {"urls": urls, "certificate": "/it's there.pem", "resolve": resolve}
    way_in = WayIn.of(status)
    assert (way_in.url, way_in.address) == (shown, address)
    manual = live._manual("medium", way_in)
    assert f"{shown}/v1/agents/" in manual
    assert """--cacert '/it'"'"'s there.pem'""" in manual
    assert (f"--resolve {resolve}" in manual) == (resolve is not None)


def test_a_stack_without_tls_has_no_way_in() -> None:
    with pytest.raises(UserError, match="nothing of this stack takes HTTPS"):
        WayIn.of({"urls": {"80": "http://127.85.3.1:80"}, "certificate": None, "resolve": None})
