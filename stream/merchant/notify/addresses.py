"""Which addresses may a webhook go to?  Those of the public internet, and networks that the operator has allowed.

A merchant's URL must not reach what stands behind our firewall.  It is the address that a socket is about to be connected to
which is asked, so no name, no second look at DNS and no redirection gets round it.
"""

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
AddrInfo = tuple[int, int, int, str, tuple[object, ...]]
"""As `socket.getaddrinfo` has it."""

_NAT64 = IPv6Network("64:ff9b::/96")
"""RFC 6052: the last 32 bits are an IPv4 address."""
_COMPATIBLE = IPv6Network("::/96")
"""RFC 4291 2.5.5.1, long out of use: the same."""


class RefusedAddressError(OSError):
    """An address that nothing may be sent to."""

    def __init__(self, address: str) -> None:
        super().__init__(f"the address {address} is not public")


def is_allowed(address: str, allowed: Sequence[Network] = ()) -> bool:
    """Whether a webhook may go to it; one that is no address is not."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = _inner(found)
    if any(inner.version == network.version and inner in network for network in allowed):
        return True
    return inner.is_global and not (
        inner.is_multicast
        or inner.is_reserved
        or inner.is_unspecified
        or inner.is_loopback
        or inner.is_link_local
        or (isinstance(inner, IPv6Address) and inner.is_site_local)
    )


def _inner(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that one of IPv6 stands for, where it stands for one."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour or address


def parse_network(text: str) -> Network:
    """A network such as 10.1.0.0/16; raises ValueError."""
    return ip_network(text)


def guarded_sockets(allowed: Sequence[Network]) -> Callable[[AddrInfo], socket.socket]:
    """Makes sockets for aiohttp's connector; raises RefusedAddressError for an address that nothing may be sent to."""

    def make(info: AddrInfo) -> socket.socket:
        family, kind, protocol, _, place = info
        if not is_allowed(str(place[0]), allowed):
            raise RefusedAddressError(str(place[0]))
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made

    return make
