"""A mail server and a web server of our own on this machine, that say what they were sent."""

import email
import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@dataclass
class Mailbox:
    """What arrived; ``refuses`` maps an address to the code it is refused with.

    ``answers`` replaces the answer to a verb (``EHLO``, ``DATA``).
    """

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    lines: int = 0
    refuses: dict[str, int] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)


class _Mail(socketserver.StreamRequestHandler):
    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def handle(self) -> None:
        box: Mailbox = self.server.box  # type: ignore[attr-defined]
        box.lines += 1
        self.say("220 here")
        to: list[str] = []
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb in box.answers:
                self.say(box.answers[verb])
            elif verb == "RCPT":
                address = line.partition("<")[2].partition(">")[0]
                to.append(address)
                code = box.refuses.get(address, 250)
                self.say(f"{code} {address}")
            elif verb == "DATA":
                self.say("354 go on")
                body = b""
                while not (body == b".\r\n" or body.endswith(b"\r\n.\r\n")):
                    body += self.rfile.readline()
                message: Any = email.message_from_bytes(body[:-3], policy=default)
                box.mails.append(message)
                box.to += to
                to = []
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                to = [] if verb == "RSET" else to
                self.say("250 good")


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mail) as server:
        box = Mailbox(port=server.server_address[1])
        server.box = box  # type: ignore[attr-defined]
        with _running(server):
            yield box


@dataclass
class Asked:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Site:
    """What was asked of it; the next answers are taken from ``codes``, then 204."""

    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?token=t1"


class _Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        site: Site = self.server.site  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        site.asked.append(Asked(self.path, dict(self.headers), body))
        code = site.codes.pop(0) if site.codes else 204
        self.send_response(code)
        if 300 <= code < 400:
            self.send_header("Location", f"http://127.0.0.1:{site.port}/elsewhere")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        return


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody but itself vouches for, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown, kept = folder / "shown.pem", folder / "kept.pem"
    shown.write_bytes(made.public_bytes(Encoding.PEM))
    kept.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return shown, kept


@contextmanager
def site(secured: tuple[Path, Path] | None = None) -> Iterator[Site]:
    """``secured``: certificate and key, for https."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Hook) as server:
        if secured:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*secured)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            server.handle_error = lambda *args: None  # type: ignore[method-assign]
        found = Site(port=server.server_address[1])
        server.site = found  # type: ignore[attr-defined]
        with _running(server):
            yield found


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
