"""``zhibu serve`` on an installation, and people signed in to it over HTTP."""

import http.client
import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.utils.encoding import iri_to_uri

from rig import homes
from tests.reliability.client import Client


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until_ready(address: str, child: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if child.poll() is not None:
            raise SystemExit(f"{address}: the server ended with {child.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"{address}: no answer within a minute")


@contextmanager
def running(command: list[str], environment: Mapping[str, str], ready: str) -> Iterator[None]:
    """A server in processes of its own until the end of the block."""
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _until_ready(ready, child)
        yield
    finally:
        child.terminate()
        try:
            child.wait(60)
        except subprocess.TimeoutExpired:
            child.kill()


@contextmanager
def zhibu(home: homes.Home) -> Iterator[str]:
    """The address of the product as its users run it; a demo's folder is served as one."""
    port = free_port()
    command = [sys.executable, "-m", "zhibu.cli", *_served_by(home), "--port", str(port)]
    base = f"http://127.0.0.1:{port}"
    with running(command, home.environment, f"{base}/health/ready"):
        yield base


def _served_by(home: homes.Home) -> list[str]:
    marker = home.path / "demo.json"
    if not marker.exists():
        return ["serve"]
    built = json.loads(marker.read_text("utf-8"))
    return ["demo", "--place", built["place"], "--size", built["size"]]


@contextmanager
def bare(home: homes.Home) -> Iterator[str]:
    """The address of ``rig.bare`` on the same data, under the same server."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", "2", "--blocking-threads", "1", "--no-ws"),
        *("--log-level", "warning", "rig.bare:application"),
    ]
    here = Path(__file__).resolve().parent.parent
    environment = {**home.environment, "PYTHONPATH": f"{here}:{homes.ROOT}"}
    base = f"http://127.0.0.1:{port}"
    with running(command, environment, f"{base}/people/"):
        yield base


class Reader:
    """Somebody signed in, on one connection kept open, as browsers do."""

    def __init__(self, base: str, username: str, password: str) -> None:
        client = Client(base)
        if username:
            client.sign_in(username, password)
        self._cookies = "; ".join(f"{c.name}={c.value}" for c in client.cookies)
        self._connection = http.client.HTTPConnection(base.removeprefix("http://"), timeout=300)

    def get(self, path: str) -> tuple[int, int, float]:
        """Status, bytes of the body and milliseconds to its end.

        A connection that the server closed while nobody asked is opened anew.
        """
        try:
            return self._get(path)
        except (http.client.RemoteDisconnected, ConnectionResetError):
            self._connection.close()
            return self._get(path)

    def _get(self, path: str) -> tuple[int, int, float]:
        began = time.perf_counter()
        self._connection.request("GET", iri_to_uri(path), headers={"Cookie": self._cookies})
        answer = self._connection.getresponse()
        length = len(answer.read())
        return answer.status, length, (time.perf_counter() - began) * 1000
