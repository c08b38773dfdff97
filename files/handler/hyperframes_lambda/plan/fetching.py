# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""HTTP for the planner: only public addresses, only so many bytes, only so many seconds.

The page decides what is fetched, so a request must reach nothing that the page's author could not reach: every address
that a name resolves to is checked, and the connection goes to the address that was checked.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import random
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from urllib.parse import SplitResult, urljoin, urlsplit

from ..workers import check_ended

MAX_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_TRANSIENT = (408, 425, 429)
_BLOCK_BYTES = 1 << 16
_BROWSER = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36"
)
"""Google Fonts sends WOFF2 only to browsers that it knows to read it; this one is HyperFrames'."""


class FetchError(Exception):
    """A request failed. *transient* tells whether another attempt can help."""

    def __init__(self, message: str, *, transient: bool, status: int | None = None) -> None:
        super().__init__(message)
        self.transient = transient
        self.status = status


@dataclass(frozen=True, slots=True)
class Fetched:
    """A response: its body, what it says to be, and where it came from in the end."""

    body: bytes
    content_type: str
    url: str


@dataclass(slots=True)
class Limits:
    """What requests may take.

    Attributes:
        attempts: how often a request is tried.
        seconds: for one attempt, from its first byte to its last.
        budget: for all requests together that share these limits.
        max_bytes: of one body, after decompression.
    """

    attempts: int
    seconds: float
    budget: float
    max_bytes: int
    base_delay: float = 0.25
    deadline: float = field(init=False)

    def __post_init__(self) -> None:
        self.deadline = time.monotonic() + self.budget


def fetch(url: str, limits: Limits) -> Fetched:
    """Get *url*, following redirects and trying again after what may pass.

    Raises:
        FetchError
    """
    error = FetchError("the time for all downloads is over", transient=True)
    for attempt in range(limits.attempts):
        check_ended()
        if attempt:
            pause = random.uniform(0, limits.base_delay * 2**attempt)
            time.sleep(max(0.0, min(pause, limits.deadline - time.monotonic())))
        left = min(limits.seconds, limits.deadline - time.monotonic())
        if left <= 0:
            break
        try:
            return _follow(url, time.monotonic() + left, limits.max_bytes)
        except FetchError as caught:
            error = caught
            if not caught.transient:
                break
    raise error


def _follow(url: str, deadline: float, max_bytes: int) -> Fetched:
    for _hop in range(MAX_REDIRECTS + 1):
        response = _get(url, deadline, max_bytes)
        if isinstance(response, Fetched):
            return response
        url = response
    raise FetchError(f"it redirects more than {MAX_REDIRECTS} times", transient=False)


def _get(url: str, deadline: float, max_bytes: int) -> Fetched | str:
    """One request: the response, or the address that it redirects to."""
    parts = _check_url(url)
    try:
        with _connected(parts, deadline) as connection:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            headers = {"User-Agent": _BROWSER, "Accept": "*/*", "Accept-Encoding": "gzip, identity"}
            connection.request("GET", target, headers=headers)
            response = connection.getresponse()
            if response.status in _REDIRECTS and response.getheader("Location"):
                return urljoin(url, response.getheader("Location") or "")
            if response.status != 200:
                transient = response.status in _TRANSIENT or response.status >= 500
                raise FetchError(f"the server answers {response.status}", transient=transient, status=response.status)
            body = _read(response, deadline, max_bytes)
            kind = (response.getheader("Content-Type") or "").split(";")[0].strip().lower()
            return Fetched(body, kind, url)
    except TimeoutError as error:
        raise FetchError("the server does not answer in time", transient=True) from error
    except ssl.SSLCertVerificationError as error:
        raise FetchError(f"its certificate is not valid: {error.verify_message}", transient=False) from error
    except (OSError, http.client.HTTPException) as error:
        raise FetchError(f"the connection failed: {error or type(error).__name__}", transient=True) from error
    except (ValueError, UnicodeError) as error:
        raise FetchError(f"the address cannot be used: {error}", transient=False) from error


def _check_url(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise FetchError(f"the address cannot be read: {error}", transient=False) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise FetchError("only http and https addresses can be fetched", transient=False)
    if any(character <= " " for character in url) or parts.username is not None:
        raise FetchError("the address has white space or a user name", transient=False)
    return parts


@contextlib.contextmanager
def _connected(parts: SplitResult, deadline: float) -> Iterator[http.client.HTTPConnection]:
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    host = parts.hostname or ""
    seconds = max(0.1, deadline - time.monotonic())
    raw = socket.create_connection((_public_address(host, port), port), timeout=seconds)
    connection = http.client.HTTPConnection(host, parts.port, timeout=seconds)
    try:
        connection.sock = _tls().wrap_socket(raw, server_hostname=host) if secure else raw
        yield connection
    finally:
        connection.close()
        raw.close()


def _public_address(host: str, port: int) -> str:
    """An address of *host*, all of whose addresses are public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise FetchError(f"its host has no address ({error.strerror})", transient=True) from error
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        if not is_public(address):
            raise FetchError(f"its host has the address {address}, which is not a public one", transient=False)
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether *address* is one of the internet at large."""
    plain = ipaddress.ip_address(address.split("%", 1)[0])
    if isinstance(plain, ipaddress.IPv6Address):
        embedded = plain.ipv4_mapped or plain.sixtofour or (plain.teredo[1] if plain.teredo else None)
        if embedded is not None:
            plain = embedded
    return plain.is_global and not plain.is_multicast


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    found = find_spec("botocore")
    if not context.cert_store_stats()["x509_ca"] and found and found.submodule_search_locations:
        # A machine without a store of its own: boto3's package brings one as a file. Nothing of it is imported.
        context.load_verify_locations(f"{found.submodule_search_locations[0]}/cacert.pem")
    return context


def _read(response: http.client.HTTPResponse, deadline: float, max_bytes: int) -> bytes:
    encoding = (response.getheader("Content-Encoding") or "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", ""):
        raise FetchError(f"its encoding {encoding!r} was not asked for", transient=False)
    inflate: Callable[[bytes], bytes] | None = None
    if encoding in ("gzip", "x-gzip"):
        inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)

        def inflate(block: bytes) -> bytes:
            return inflater.decompress(block, max_bytes + 1)

    body = bytearray()
    while block := response.read1(_BLOCK_BYTES):
        check_ended()
        if time.monotonic() > deadline:
            raise TimeoutError
        try:
            body += inflate(block) if inflate else block
        except zlib.error as error:
            raise FetchError("its compressed body is damaged", transient=True) from error
        if len(body) > max_bytes:
            raise FetchError(f"it has more than {max_bytes} bytes", transient=False)
    expected = response.getheader("Content-Length")
    if not inflate and expected and expected.isdigit() and len(body) < int(expected):
        raise FetchError("the connection ended before the body did", transient=True)
    return bytes(body)
