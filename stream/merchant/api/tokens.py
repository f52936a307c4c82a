"""Who may see which shops?  A TOML file of tokens, of which it holds the hashes only; read again when it changes.

One line a token: ``"SHA-256 in hexadecimal" = { shops = ["S1", "S2"] }``, or ``{ ops = true }`` for all shops; ``name`` and
``expires`` may be given.  A token has 256 random bits, so one round of SHA-256 is enough: there is nothing to guess.
"""

import hashlib
import hmac
import re
import secrets
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from topics.times import millis

PREFIX = "sw_"
"""Known to those who look for secrets that were left lying about."""

_HEX = re.compile(r"[0-9a-f]{64}")
_KNOWN = {"shops", "ops", "name", "expires"}


class TokenFileError(Exception):
    """The file cannot be used; a line for each reason."""

    def __init__(self, path: Path, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.lines = [f"{path}: {reason}" for reason in reasons]


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever has a token, and what it opens."""

    digest: str
    """The hash of the token, by which the file knows it."""
    shops: tuple[str, ...] = ()
    ops: bool = False
    name: str | None = None
    expires: int | None = None
    """Milliseconds; from then on it opens nothing."""
    _shops: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Asked at every request: a set of them."""
        object.__setattr__(self, "_shops", frozenset(self.shops))

    def may_see(self, shop_id: str) -> bool:
        """Whether this shop is any of theirs; asked before it is looked for, so that the answer takes no longer for one that exists."""
        return self.ops or shop_id in self._shops


def new_token() -> str:
    """A token for whoever is to have it; it is written nowhere."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """What the file knows a token by."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(slots=True)
class Tokens:
    """What the file says; ``path`` is read by `read`, and again by `read_if_changed`."""

    path: Path
    _principals: Mapping[str, Principal] = field(default_factory=dict)
    _stamp: tuple[int, int, int] | None = None

    def __len__(self) -> int:
        return len(self._principals)

    def read(self) -> None:
        """Take what the file says now; raises TokenFileError, and then what it said before holds."""
        try:
            stamp, text = _stamp_of(self.path), self.path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise TokenFileError(self.path, [f"cannot be read: {why}"]) from None
        self._stamp = stamp  # also of a file that is wrong, so that it is told once
        self._principals = {principal.digest: principal for principal in _parsed(self.path, text)}

    def read_if_changed(self) -> bool:
        """Whether it was read again; raises TokenFileError."""
        try:
            if _stamp_of(self.path) == self._stamp:
                return False
        except OSError:
            if self._stamp is None:
                return False
            self._stamp = None  # told once
        self.read()
        return True

    def find(self, token: str, now: int) -> Principal | None:
        """Who has this token at ``now`` (milliseconds); None: nobody.

        It is looked for by its hash, of which whoever guesses knows nothing: how long that takes tells him nothing either.
        """
        digest = digest_of(token)
        found = self._principals.get(digest)
        if found is None or not hmac.compare_digest(found.digest, digest):
            return None
        return found if self.holds(found, now) else None

    def holds(self, principal: Principal, now: int) -> bool:
        """Whether what was found before is still so."""
        known = self._principals.get(principal.digest)
        same = known is principal or known == principal  # asked of all streams again and again
        return same and (principal.expires is None or now < principal.expires)


def line_of(digest: str, shops: Sequence[str], *, ops: bool, name: str | None) -> str:
    """The line of the file for a token."""
    parts = [f"name = {_quoted(name)}"] if name else []
    parts += ["ops = true"] if ops else [f"shops = [{', '.join(map(_quoted, shops))}]"]
    return f'"{digest}" = {{ {", ".join(parts)} }}'


def _quoted(text: str) -> str:
    """A basic string of TOML."""
    escaped = "".join(
        f"\\u{ord(sign):04x}" if ord(sign) < 32 or sign == "\x7f" else "\\" + sign if sign in '"\\' else sign
        for sign in text
    )
    return f'"{escaped}"'


def _stamp_of(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _parsed(path: Path, text: str) -> Sequence[Principal]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TokenFileError(path, [f"is no TOML: {error}"]) from None
    reasons = [
        f'"{_shown(digest)}": {reason}'
        for digest, said in document.items()
        for reason in _wrong(digest, said)
    ]
    if reasons:
        raise TokenFileError(path, reasons)
    return [_principal(digest, said) for digest, said in document.items()]


def _shown(digest: str) -> str:
    """Not all of it: somebody may have put the token itself there."""
    return digest[:8] + "..." if len(digest) > 8 else digest


def _wrong(digest: str, said: object) -> Iterator[str]:
    if not _HEX.fullmatch(digest):
        yield "a token stands by its SHA-256, 64 hexadecimal digits in lower case; `shopwatch api token` makes the line"
    if not isinstance(said, dict):
        yield 'its value is to be such as { shops = ["S1"] } or { ops = true }'
        return
    unknown = sorted(said.keys() - _KNOWN)
    if unknown:
        yield f"{', '.join(unknown)} is not known; there are {', '.join(sorted(_KNOWN))}"
    shops, ops = said.get("shops"), said.get("ops", False)
    if not isinstance(ops, bool):
        yield "ops is true or false"
    if shops is not None and not _is_list_of_ids(shops):
        yield "shops is a list of shop ids"
    if (shops is None) == (ops is not True):
        yield "it has either shops, or ops = true"
    if not isinstance(said.get("name", ""), str):
        yield "name is a text"
    expires = said.get("expires")
    if expires is not None and not (isinstance(expires, datetime) and expires.tzinfo is not None):
        yield "expires is a time with an offset, such as 2027-01-01T00:00:00Z"


def _is_list_of_ids(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(shop, str) and shop for shop in value)


def _principal(digest: str, said: Mapping[str, object]) -> Principal:
    shops, expires, name = said.get("shops"), said.get("expires"), said.get("name")
    return Principal(
        digest,
        tuple(dict.fromkeys(shops)) if isinstance(shops, list) else (),
        ops=said.get("ops") is True,
        name=name if isinstance(name, str) else None,
        expires=millis(expires) if isinstance(expires, datetime) else None,
    )
