"""Where a request of ours may go: an address is looked up once, checked, and connected to as checked."""

import asyncio
import ipaddress
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from addresses import ip_meant, is_loopback, is_of_the_machine, is_public, refusal_of_ip


class AddressRefused(Exception):
    """An address that nothing is sent to; str() says why, for the owner."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where one request goes, and whether its way so far was in the public network.

    None may be link-local or one of those where clouds keep a machine's secrets. A public host may not lead to a private one,
    and without TLS only this machine is asked.
    """

    address: str
    was_public: bool = False

    def check(self) -> None:
        """AddressRefused for an address that no request may go to."""
        try:
            parts = urlsplit(self.address)
            host, _ = parts.hostname or "", parts.port
        except ValueError:
            host = ""
        if not host or not host.isascii() or parts.scheme not in ("http", "https"):
            raise AddressRefused("It leads to what is no address of the web.")
        if parts.scheme == "http" and not is_loopback(host):
            raise AddressRefused(f"It leads to {host} without TLS (http://).")
        with suppress(ValueError):
            self.check_ip(str(ipaddress.ip_address(host.partition("%")[0])))
        if is_of_the_machine(host.rstrip(".")):
            raise AddressRefused(f"It leads to {host}, which is link-local or a cloud's own.")

    def check_ip(self, ip: str) -> None:
        """AddressRefused for an IP address that this request may not connect to."""
        if refusal := refusal_of_ip(ip):
            raise AddressRefused(refusal)
        found = ip_meant(ip)
        if urlsplit(self.address).scheme == "http" and not found.is_loopback:
            raise AddressRefused(f"It leads to {ip} without TLS (http://).")
        if self.was_public and not found.is_global:
            raise AddressRefused(f"A public host leads to {ip}, which is private.")


def resolver_of(destination: Destination) -> Any:
    """Return aiohttp's resolver for one request: it connects to addresses only that the request may go to.

    Its `is_reached_in_public` is True afterwards if one of them was public.
    """
    from aiohttp.abc import AbstractResolver

    class CheckedResolver(AbstractResolver):
        is_reached_in_public = is_public(urlsplit(destination.address).hostname or "")

        async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[Any]:
            loop = asyncio.get_running_loop()
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
            for *_, place in found:
                destination.check_ip(str(place[0]))
                self.is_reached_in_public |= is_public(str(place[0]))
            return [
                {"hostname": host, "host": place[0], "port": place[1], "family": kind, "proto": proto,
                 "flags": socket.AI_NUMERICHOST}
                for kind, _, proto, _, place in found
            ]  # fmt: skip

        async def close(self) -> None:
            pass

    return CheckedResolver()
