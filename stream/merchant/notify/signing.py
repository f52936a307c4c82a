"""How is a webhook signed?  By Standard Webhooks 1.0.0: HMAC-SHA256 of ``id.timestamp.body``, one signature a secret."""

import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64Error
from collections.abc import Mapping, Sequence

from stream.merchant.notify.subscriptions import Hidden

PREFIX = "whsec_"
LEAST_BYTES = 24
MOST_BYTES = 64


class UnfitSecretError(Exception):
    """A secret cannot sign; its text does not show it."""


def check_secret(secret: str) -> None:
    """Raises UnfitSecretError."""
    try:
        length = len(_key(secret))
    except (NotBase64Error, ValueError):
        raise UnfitSecretError("is not base64") from None
    if not secret.startswith(PREFIX):
        raise UnfitSecretError(f"does not begin with {PREFIX}")
    if not LEAST_BYTES <= length <= MOST_BYTES:
        raise UnfitSecretError(f"has {length} bytes")


def headers(secrets: Sequence[Hidden], id_: str, at_s: int, body: bytes) -> Mapping[str, str]:
    """The three headers of the standard; with several secrets a receiver takes the signature that it can check."""
    signed = f"{id_}.{at_s}.".encode() + body
    signatures = (
        b64encode(hmac.digest(_key(secret.reveal()), signed, "sha256")).decode() for secret in secrets
    )
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(at_s),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def _key(secret: str) -> bytes:
    return b64decode(secret.removeprefix(PREFIX), validate=True)
