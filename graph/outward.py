"""One request outward, over http or https, and to no address but a checked one.

A name is resolved once, every address that it has is checked, and the connection is made to a checked address itself:
what the name leads to a moment later does not matter. Nothing of a body is read, no proxy is used, no redirect is
followed here, and the time limit holds for the whole exchange, however slowly the other side answers.
"""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPSConnection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Timer
from time import monotonic
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import SplitResult, quote, urlsplit

from graph.errors import TriviumError

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], list[tuple[Any, ...]]]
"""A name and a port to the rows of `socket.getaddrinfo`."""

PORTS: Final = {"http": 80, "https": 443}
NAT64: Final = IPv6Network("64:ff9b::/96")  # carries an IPv4 address in its last 32 bits (RFC 6052)
IN_A_TARGET: Final = "!#$%&'()*+,/:;=?@[]~"  # what is left as it is: reserved, or encoded already


class AddressNotAllowed(TriviumError):
    """An address that is never asked: of another scheme, with a password, or not of the open Internet."""


@dataclass(frozen=True)
class Reply:
    """What a server answered: the status, and the address that it refers to, in printable ASCII."""

    status: int
    location: str | None


def is_public(address: Address) -> bool:
    """Whether an address is of the open Internet: not private, loopback, link-local, multicast or reserved."""
    if isinstance(address, IPv6Address):
        if address in NAT64:
            return is_public(IPv4Address(address.packed[-4:]))
        if address.is_site_local or address.sixtofour or address.teredo or address.ipv4_mapped:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def resolved(host: str, port: int) -> list[tuple[Any, ...]]:
    """Every address of a name, for a stream. Raises OSError for a name that has none."""
    return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))


@dataclass(frozen=True)
class Outward:
    """How requests are made: in whose name, to which addresses, and for how many seconds at most."""

    agent: str = "Trivium"
    allowed: Callable[[Address], bool] = is_public
    seconds: float = 10.0
    resolve: Resolve = resolved
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def ask(self, method: str, address: str) -> Reply:
        """Ask a web address, and read no further than the head of the answer.

        Raises AddressNotAllowed, TimeoutError, and OSError, HTTPException or ValueError for what cannot be asked.
        """
        parts = urlsplit(address)
        if parts.scheme not in PORTS or not parts.hostname or parts.username is not None:
            raise AddressNotAllowed(f"Only http and https are asked, and without a password, not {address}.")
        with self._connected(parts, parts.hostname) as connection:
            connection.request(method, _target(parts), headers={"User-Agent": self.agent, "Connection": "close"})
            with connection.getresponse() as response:
                return Reply(response.status, _location(response.getheader("Location")))

    @contextmanager
    def _connected(self, parts: SplitResult, host: str) -> Iterator[HTTPConnection]:
        port, end = parts.port or PORTS[parts.scheme], monotonic() + self.seconds
        plain = self._socket(self._checked(host, port), end)
        with closing(plain), _Deadline(plain, end):
            if parts.scheme == "http":
                connection = HTTPConnection(host, port)
                connection.sock = plain
            else:
                connection = HTTPSConnection(host, port, context=self.context)
                connection.sock = self.context.wrap_socket(plain, server_hostname=host)
            with closing(connection):
                yield connection

    def _checked(self, host: str, port: int) -> list[tuple[Any, ...]]:
        """The addresses of a host. Raises AddressNotAllowed if any of them is not allowed."""
        found = self.resolve(host, port)
        for *_, where in found:
            if not self.allowed(ip_address(where[0])):
                raise AddressNotAllowed(f"{host} leads to {where[0]}, which is not asked.")
        return found

    def _socket(self, found: list[tuple[Any, ...]], end: float) -> socket.socket:
        """A connection to the first of the addresses that takes one. Raises OSError if none does."""
        failure: OSError = OSError("the host has no address")
        for family, kind, protocol, _, where in found:
            made = socket.socket(family, kind, protocol)
            try:
                made.settimeout(max(end - monotonic(), 0.001))
                made.connect(where)
                return made
            except OSError as error:
                made.close()
                failure = error
        raise failure


class _Deadline:
    """Ends a connection at a time; what fails because of that is a TimeoutError."""

    def __init__(self, connection: socket.socket, end: float) -> None:
        self._handle = connection.dup()  # the connection itself may be in use by a call that waits
        self._timer = Timer(max(end - monotonic(), 0), self._end)
        self._timer.daemon = True
        self._over = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._timer.join()
        self._handle.close()
        if self._over and error is not None:
            raise TimeoutError("the time is up") from error

    def _end(self) -> None:
        self._over = True
        with suppress(OSError):
            self._handle.shutdown(socket.SHUT_RDWR)


def _location(header: str | None) -> str | None:
    """The address of a header, whose octets `http.client` reads as Latin-1."""
    return header and quote(header.encode("latin-1"), safe=IN_A_TARGET)


def _target(parts: SplitResult) -> str:
    """The request target (RFC 9112, 3.2.1), in ASCII (RFC 3987, 3.1)."""
    return quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=IN_A_TARGET)
