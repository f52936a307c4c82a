"""Where in packed bytes does a value lie, and what is it?  As much of MessagePack as an order's record needs, read in place.

An order is looked at several times, each time for a few of the numbers and texts that it holds: to make objects of all of
them took a fifth of the engine's instructions.  ``begin`` is where a value begins; what is wrong there raises DamagedError, or
IndexError where the bytes end too early.
"""

from typing import Final

from librt.strings import read_i16_be, read_i32_be, read_i64_be
from mypy_extensions import i64

# First bytes of values, by the specification of MessagePack.
NIL: Final = 0xC0
FALSE: Final = 0xC2
TRUE: Final = 0xC3
LIST: Final = 0x90
"""Of a list of nothing; of one of so many, up to `MOST_IN_SHORT`, it is that much more."""
MOST_IN_SHORT: Final = 15
LIST_16: Final = 0xDC
_TEXT: Final = 0xA0
_TEXT_8: Final = 0xD9
_TEXT_16: Final = 0xDA
_TEXT_32: Final = 0xDB
_UNSIGNED_8: Final = 0xCC
_UNSIGNED_16: Final = 0xCD
_UNSIGNED_32: Final = 0xCE
_UNSIGNED_64: Final = 0xCF
_SIGNED_8: Final = 0xD0
_SIGNED_16: Final = 0xD1
_SIGNED_32: Final = 0xD2
_SIGNED_64: Final = 0xD3
_NEGATIVE: Final = 0xE0
"""From here on, and below `_MAP`, the byte is the number."""
_MAP: Final = 0x80


class DamagedError(ValueError):
    """Bytes are not what is read here."""

    def __init__(self, tag: int) -> None:
        super().__init__(f"a value begins with 0x{tag:02x}, which is not expected there")


def after(packed: bytes, begin: i64) -> i64:
    """Where the value ends."""
    tag: i64 = packed[begin]
    if tag >= NIL:
        return begin + 1 if tag >= _NEGATIVE else _after_tagged(packed, begin, tag)
    if tag >= _TEXT:
        return begin + 1 + tag - _TEXT
    if tag < _MAP:
        return begin + 1
    if tag < LIST:
        raise DamagedError(tag)
    return _after_all(packed, begin + 1, tag - LIST)


def _after_tagged(packed: bytes, begin: i64, tag: i64) -> i64:
    if tag in (NIL, FALSE, TRUE):
        return begin + 1
    if tag in (_UNSIGNED_64, _SIGNED_64):
        return begin + 9
    if tag >= _TEXT_8:
        return _after_long(packed, begin, tag)
    if tag in (_UNSIGNED_32, _SIGNED_32):
        return begin + 5
    if tag in (_UNSIGNED_16, _SIGNED_16):
        return begin + 3
    if tag in (_UNSIGNED_8, _SIGNED_8):
        return begin + 2
    raise DamagedError(tag)


def _after_long(packed: bytes, begin: i64, tag: i64) -> i64:
    if tag == LIST_16:
        return _after_all(packed, begin + 3, _unsigned_16(packed, begin + 1))
    return _text_begin(begin, tag) + _text_size(packed, begin, tag)


def _after_all(packed: bytes, begin: i64, count: i64) -> i64:
    while count > 0:
        begin = after(packed, begin)
        count -= 1
    return begin


def entry(packed: bytes, begin: i64, index: i64) -> i64:
    """Where so many entries of a list are over, and the next one begins."""
    return _after_all(packed, _entries(packed, begin), index)


def entries(packed: bytes, begin: i64) -> list[int]:
    """Where each entry of a list begins."""
    tag: i64 = packed[begin]
    count = _unsigned_16(packed, begin + 1) if tag == LIST_16 else tag - LIST
    at, found = _entries(packed, begin), list[int]()
    while count > 0:
        found.append(at)
        at = after(packed, at)
        count -= 1
    return found


def _entries(packed: bytes, begin: i64) -> i64:
    tag: i64 = packed[begin]
    if LIST <= tag <= LIST + MOST_IN_SHORT:
        return begin + 1
    if tag != LIST_16:
        raise DamagedError(tag)
    return begin + 3


def number(packed: bytes, begin: i64) -> int:
    """The whole number; of those that need 64 bits without a sign only the lower half, as all times are."""
    tag: i64 = packed[begin]
    if tag in (_UNSIGNED_64, _SIGNED_64):
        return read_i64_be(packed, begin + 1)
    if tag < _MAP:
        return tag
    if tag >= _NEGATIVE:
        return tag - 0x100
    return _short_number(packed, begin, tag)


def _short_number(packed: bytes, begin: i64, tag: i64) -> int:
    if tag == _UNSIGNED_32:
        return _unsigned_32(packed, begin + 1)
    if tag == _SIGNED_32:
        return read_i32_be(packed, begin + 1)
    if tag == _UNSIGNED_16:
        return _unsigned_16(packed, begin + 1)
    if tag == _SIGNED_16:
        return read_i16_be(packed, begin + 1)
    byte: i64 = packed[begin + 1]
    if tag == _UNSIGNED_8:
        return byte
    if tag == _SIGNED_8:
        return byte if byte < 0x80 else byte - 0x100
    raise DamagedError(tag)


def number_or_none(packed: bytes, begin: i64) -> int | None:
    """The same, where there may be nothing."""
    return None if packed[begin] == NIL else number(packed, begin)


def text(packed: bytes, begin: i64) -> str:
    """The text."""
    tag: i64 = packed[begin]
    start, size = _text_begin(begin, tag), _text_size(packed, begin, tag)
    return packed[start : start + size].decode()


def text_or_none(packed: bytes, begin: i64) -> str | None:
    """The same, where there may be nothing."""
    return None if packed[begin] == NIL else text(packed, begin)


def _text_begin(begin: i64, tag: i64) -> i64:
    if tag < NIL:
        return begin + 1
    if tag == _TEXT_8:
        return begin + 2
    return begin + (3 if tag == _TEXT_16 else 5)


def _text_size(packed: bytes, begin: i64, tag: i64) -> i64:
    if _TEXT <= tag < NIL:
        return tag - _TEXT
    if tag == _TEXT_8:
        size: i64 = packed[begin + 1]
        return size
    if tag == _TEXT_16:
        return _unsigned_16(packed, begin + 1)
    if tag == _TEXT_32:
        return _unsigned_32(packed, begin + 1)
    raise DamagedError(tag)


def _unsigned_16(packed: bytes, begin: i64) -> i64:
    short = read_i16_be(packed, begin)
    return i64(short) & 0xFFFF


def _unsigned_32(packed: bytes, begin: i64) -> i64:
    word = read_i32_be(packed, begin)
    return i64(word) & 0xFFFF_FFFF
