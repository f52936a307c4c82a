"""Why does a Kafka not take us?  aiokafka says only that it could not connect; one attempt of our own says what stood in the way."""

import ssl
from contextlib import closing
from typing import Any

from aiokafka.conn import AIOKafkaConnection, collect_hosts, create_conn
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest

from stream.kafka.access import Access
from stream.kafka.errors import RefusedError

PATIENCE_MS = 5_000
_HANGS_UP = "security_protocol is {}, and what listens there hangs up"


async def look(access: Access) -> str | None:
    """Something that may explain why no Kafka answers, or None; raises RefusedError where trying again is of no use."""
    hints = [await _look_at(access, host, port) for host, port, _ in collect_hosts(access.servers)]
    return next((hint for hint in hints if hint is not None), None)


async def _look_at(access: Access, host: str, port: int) -> str | None:
    told = {name: value for name, value in access.client().items() if name != "bootstrap_servers"}
    protocol = access.security.protocol
    try:
        with closing(await create_conn(host, port, request_timeout_ms=PATIENCE_MS, **told)) as connection:
            return await _hangs_up(connection, protocol)
    except SaslAuthenticationFailed as error:
        raise RefusedError(access, f"{_words(error)} (sasl_username is {access.security.username})") from None
    except UnsupportedSaslMechanismError:
        raise RefusedError(
            access, f"it does not offer {access.security.mechanism} (sasl_mechanism)"
        ) from None
    except IllegalSaslStateError:
        raise RefusedError(access, f"it asks for no password, and security_protocol is {protocol}") from None
    except ssl.SSLCertVerificationError as error:
        why = f"its certificate does not hold: {error.verify_message} (ssl_ca_file says whom to trust)"
        raise RefusedError(access, why) from None
    except ssl.SSLError as error:
        _raise_if_ours_is_refused(access, error)
        return f"security_protocol is {protocol}, and TLS fails: {error}"
    except (KafkaError, ConnectionResetError, ConnectionAbortedError) as error:
        _raise_if_ours_is_refused(access, error.__cause__)
        return _HANGS_UP.format(protocol)
    except (OSError, TimeoutError):  # nobody listens there
        return None


async def _hangs_up(connection: AIOKafkaConnection, protocol: str) -> str | None:
    """Who listens for SASL lets everybody ask for its versions, and nothing else."""
    try:
        await connection.send(MetadataRequest([]))
    except (KafkaError, OSError, TimeoutError):
        return _HANGS_UP.format(protocol)
    return None


def _raise_if_ours_is_refused(access: Access, error: object) -> None:
    """TLS 1.3 has the broker look at our certificate when we believe ourselves connected: its answer ends the connection."""
    reason = (error.reason or "") if isinstance(error, ssl.SSLError) else ""
    _, alert, what = reason.partition("_ALERT_")
    if what == "CERTIFICATE_REQUIRED":
        raise RefusedError(access, "it asks for a certificate (ssl_cert_file)")
    if alert and ("CERTIFICATE" in what or what == "UNKNOWN_CA"):
        why = what.replace("_", " ").lower()
        raise RefusedError(access, f"it does not take our certificate (ssl_cert_file): {why}")


def _words(error: Any) -> str:
    """What the broker said; aiokafka puts its own numbers around it."""
    return " ".join(str(error.args[0]).split()) if error.args and error.args[0] else type(error).__name__
