"""One request to an address that an administrator wrote, kept from reaching inside.

Names are resolved here, every address is held against what is open, and the connection
goes to the very address that was checked. Redirects are not followed, no proxy is asked,
little is sent and nothing is read but the status, all within ``LONGEST_SECONDS``.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from threading import Event, Timer
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

TIMEOUT_SECONDS = 10
LONGEST_SECONDS = 20
MOST_BYTES = 64 * 1024
LOOPBACK = "127.0.0.1"
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotSent(Exception):
    """The request did not get through; the message says why, in words, without content."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart."""

    is_safe: bool
    host: str
    port: int
    path: str
    named: str


def fault(address: str) -> str:
    """What is wrong with an address as written, "" where nothing is."""
    try:
        _target(address)
    except NotSent as wrong:
        return str(wrong)
    return ""


def _target(address: str) -> Target:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise NotSent("网址读不懂") from error
    host = parts.hostname or ""
    if not address.isascii() or not address.isprintable() or " " in address:
        raise NotSent("网址里有空格或中文；中文域名请写成 xn-- 的样子")
    if not host or parts.scheme not in ("http", "https"):
        raise NotSent("网址要写成 https://域名/…")
    if parts.scheme == "http" and host != LOOPBACK:
        raise NotSent(f"只用 https；http 只能是 {LOOPBACK}")
    if parts.username is not None or parts.fragment:
        raise NotSent("网址里不要写用户名、密码和 #")
    is_safe = parts.scheme == "https"
    return Target(is_safe, host, port or (443 if is_safe else 80), _path(parts), parts.netloc)


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def may_reach(address: Address) -> bool:
    """Whether it lies in the open, or in a network that the settings name."""
    inner = _inner(address)
    if any(inner in network for network in settings.WEBHOOK_NETWORKS):
        return True
    return inner.is_global and not inner.is_multicast


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one leads to, where it does."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address


def _resolved(target: Target) -> str:
    """One address to connect to; none where any of the name's leads inside."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotSent("域名找不到") from error
    addresses = [str(row[4][0]).partition("%")[0] for row in found]
    if not addresses or not all(may_reach(ipaddress.ip_address(each)) for each in addresses):
        raise NotSent("这个网址在内网；要发到内网，在 ZHIBU_WEBHOOK_NETWORKS 里写明")
    return addresses[0]


def post(address: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Send ``body``; whoever answers 2xx has it.

    Raises:
        NotSent: anything else.
    """
    if len(body) > MOST_BYTES:
        raise NotSent("内容太长")
    target = _target(address)
    try:
        with socket.create_connection((_resolved(target), target.port), TIMEOUT_SECONDS) as plain:
            status = _asked(plain, target, body, headers)
    except ssl.SSLError as error:
        raise NotSent("对方的证书不能用") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotSent(f"连不上或没有回答（{type(error).__name__}）") from error
    if 300 <= status < 400:
        raise NotSent(f"对方转到别处（{status}），不跟着去")
    if not 200 <= status < 300:
        raise NotSent(f"对方回答 {status}")


def _asked(plain: socket.socket, target: Target, body: bytes, headers: Mapping[str, str]) -> int:
    """The status, within the longest time, however slowly the other side speaks."""
    wire = _secured(plain, target) if target.is_safe else plain
    is_cut = Event()
    ended = Timer(LONGEST_SECONDS, partial(_cut, wire, is_cut))
    ended.daemon = True
    ended.start()
    try:
        line = http.client.HTTPConnection(target.host, target.port)
        line.sock = wire
        line.putrequest("POST", target.path, skip_host=True, skip_accept_encoding=True)
        fixed = {
            "Host": target.named,
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "User-Agent": "zhibu",
            "Connection": "close",
        }
        for name, value in {**fixed, **headers}.items():
            line.putheader(name, value)
        line.endheaders(body)
        status = line.getresponse().status
        if is_cut.is_set():
            raise NotSent("对方回答得太慢")
        return status
    finally:
        ended.cancel()
        wire.close()


def _secured(plain: socket.socket, target: Target) -> socket.socket:
    return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)


def _cut(wire: socket.socket, is_cut: Event) -> None:
    """End a conversation from outside; the base method leaves TLS state alone."""
    is_cut.set()
    with suppress(OSError):
        socket.socket.shutdown(wire, socket.SHUT_RDWR)
