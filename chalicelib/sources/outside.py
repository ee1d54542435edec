"""Requests to hosts that users name: only over HTTPS, only where the network allows, never long, never large."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.response import BaseHTTPResponse

from chalicelib.sources.network import HTTPS, Network, Refused

MOST_SECONDS = 20.0
CONNECT_SECONDS = 4.0
READ_SECONDS = 8.0
MOST_REDIRECTS = 3
MOST_BYTES = 16 * 1024 * 1024
_PLACE = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")

Origin = tuple[str | None, int]


class Outside(urllib3.PoolManager):
    """A few requests to one host and to where it redirects, within one time; as a context.

    `authorization` is sent to `origin` (a URL of that host) and nowhere else.
    """

    def __init__(
        self,
        network: Network,
        origin: str = "",
        authorization: str | None = None,
        seconds: float = MOST_SECONDS,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        super().__init__(timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS), retries=False)
        self._network, self._most_bytes, self._seconds = network, most_bytes, seconds
        self._origin = _origin(origin) if authorization else None
        self._authorization = authorization
        self._late = False
        self._open: list[socket.socket] = []
        self._answers: list[BaseHTTPResponse] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self.pool_classes_by_scheme = {"https": _pool(self._connected)}

    def __enter__(self) -> Outside:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> Any:
        self._timer.cancel()
        for answer in self._answers:
            answer.close()  # also what nobody read to its end
        self.clear()
        for watched in self._open:
            watched.close()
        if self._late and error is not None:
            raise Refused(f"it took longer than {self._seconds:g} seconds") from error
        return False

    def urlopen(  # type: ignore[override]  # as PoolManager's own
        self, method: str, url: str, redirect: bool = True, **more: Any
    ) -> BaseHTTPResponse:
        """An answer that is not read yet, redirects followed; raises Refused."""
        headers = dict(more.pop("headers", None) or {})
        more["preload_content"] = False
        first = _origin(url)
        for _ in range(MOST_REDIRECTS + 1):
            answer = super().urlopen(method, url, redirect=False, headers=self._headers(url, headers, first), **more)
            self._answers.append(answer)
            location = answer.get_redirect_location()
            if not location:
                return self._limited(answer, url)
            if method not in ("GET", "HEAD"):
                raise Refused("it redirects what can't be sent twice")
            url = urljoin(url, location)
        raise Refused(f"it redirects more than {MOST_REDIRECTS} times")

    def _headers(self, url: str, headers: dict[str, str], first: Origin) -> dict[str, str]:
        """The headers for one hop: what was meant for one host is for no other."""
        origin = _origin(url)
        told = {name: value for name, value in headers.items() if origin == first or name.lower() != "authorization"}
        if self._authorization is not None and origin == self._origin:
            told["Authorization"] = self._authorization
        return told

    def _connected(self, host: str, port: int, seconds: Any) -> socket.socket:
        """A connection to an address that was checked; certificates are for the host's name all the same."""
        failure: OSError = OSError(f"{host} has no address")
        for family, place in self._network.endpoints(host, port):
            connection = socket.socket(family, socket.SOCK_STREAM)
            try:
                connection.settimeout(seconds)
                connection.connect(place)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as error:
                connection.close()
                failure = error
                continue
            self._open.append(connection.dup())
            if self._late:
                self._cut()
            return connection
        raise failure

    def _cut(self) -> None:
        """The time is up: whoever reads sees the end, also within a handshake and from byte to byte."""
        self._late = True
        for watched in self._open:
            try:
                watched.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it is closed already

    def _limited(self, answer: BaseHTTPResponse, url: str) -> BaseHTTPResponse:
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise Refused("it answers compressed, unasked")
        answer.url = url
        read, left = answer.read, self._most_bytes

        def limited(amt: int | None = None, **more: Any) -> bytes:
            nonlocal left
            data = read(left + 1 if amt is None else amt, **more)
            left -= len(data)
            if left < 0:
                raise Refused(f"it answers with more than {self._most_bytes} bytes")
            return data

        answer.read = limited  # type: ignore[assignment]  # the readers of git's protocol know only this method
        return answer


def _pool(connected: Callable[[str, int, Any], socket.socket]) -> type[HTTPSConnectionPool]:
    """Connections are made by `connected`; all else is urllib3's."""

    class Connection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return connected(self._dns_host, self.port, self.timeout)

    class Pool(HTTPSConnectionPool):
        ConnectionCls = Connection

    return Pool


def _origin(url: str) -> Origin:
    """The host and port of a URL that everybody reads the same way; raises Refused for all others."""
    try:
        parts = urlsplit(url)
        port = parts.port or HTTPS
    except ValueError:
        raise Refused("it leads to what is no address") from None
    if parts.scheme != "https":
        raise Refused("it leads to what is not https")
    if not _PLACE.fullmatch(parts.netloc) or "\\" in url:
        raise Refused("it leads to an address with a user, or one that can't be read")
    return parts.hostname, port
