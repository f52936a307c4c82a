"""Does what is said of security fit together, and does no text show a password?"""

from pathlib import Path
from typing import Any

import pytest

from stream.kafka.access import Access, Security, Tls, security
from stream.kafka.errors import SecurityError
from stream.worker.app import credentials
from tests.kafka.certificates import Authority

PASSWORD = "open sesame"  # noqa: S105 - nobody's


def test_without_a_word_nothing_protects_the_connection() -> None:
    assert Access("one:1,two:2").client() == {
        "bootstrap_servers": "one:1,two:2",
        "security_protocol": "PLAINTEXT",
    }
    assert credentials(Security()) is None


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_a_password_goes_to_every_client_and_to_faust_alike(mechanism: Any) -> None:
    secured = security("SASL_PLAINTEXT", mechanism=mechanism, username="me", password=PASSWORD)
    told = Access("one:1", secured).client()
    assert told["sasl_mechanism"] == mechanism
    assert (told["sasl_plain_username"], told["sasl_plain_password"]) == ("me", PASSWORD)
    faust = credentials(secured)
    assert (faust.protocol.value, faust.mechanism.value) == ("SASL_PLAINTEXT", mechanism)
    assert (faust.username, faust.password) == ("me", PASSWORD)


def test_tls_checks_whom_it_speaks_to() -> None:
    secured = security("SASL_SSL", username="me", password=PASSWORD)
    told = Access("one:1", secured).client()
    assert told["ssl_context"].check_hostname
    assert told["sasl_mechanism"] == "PLAIN"
    assert credentials(secured).protocol.value == "SASL_SSL"
    alone = security("SSL")
    assert credentials(alone).context is alone.context


def test_no_text_shows_a_password() -> None:
    secured = security("SASL_PLAINTEXT", username="me", password=PASSWORD)
    access = Access("one:1", secured)
    for thing in (secured, access, Tls(key_password=PASSWORD), credentials(secured)):
        assert PASSWORD not in f"{thing} {thing!r}"


WRONG = [
    (
        {"protocol": "SASL_SSL"},
        "security_protocol is SASL_SSL, but sasl_username and sasl_password is not given",
    ),
    ({"protocol": "SASL_PLAINTEXT", "username": "me"}, "but sasl_password is not given"),
    (
        {"protocol": "PLAINTEXT", "password": PASSWORD},
        "sasl_password is given, but security_protocol is PLAINTEXT: nobody would ask for it",
    ),
    ({"protocol": "SSL", "mechanism": "PLAIN"}, "sasl_mechanism is given, but security_protocol is SSL"),
    (
        {
            "protocol": "SASL_PLAINTEXT",
            "username": "me",
            "password": PASSWORD,
            "tls": Tls(ca_file=Path("ca")),
        },
        "files of TLS are given, but security_protocol is SASL_PLAINTEXT: nothing would be encrypted",
    ),
    ({"protocol": "SSL", "tls": Tls(ca_file=Path("gone.pem"))}, "ssl_ca_file gone.pem cannot be used"),
    (
        {"protocol": "SSL", "tls": Tls(key_file=Path("key.pem"))},
        "ssl_key_file is given without ssl_cert_file",
    ),
]


@pytest.mark.parametrize(("said", "complaint"), WRONG)
def test_what_does_not_fit_together_is_said_and_nothing_is_left_unprotected(
    said: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(SecurityError) as caught:
        security(said.pop("protocol"), **said)
    assert complaint in str(caught.value)
    assert PASSWORD not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_certificate_and_a_key_that_do_not_go_together_are_told_from_a_key_that_cannot_be_read(
    tmp_path: Path,
) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.signs("we", password=PASSWORD)
    other, _ = authority.signs("others")
    assert Tls(authority.ca, certificate, key, PASSWORD).context().get_ca_certs()
    with pytest.raises(SecurityError, match="KEY_VALUES_MISMATCH") as mixed:
        Tls(authority.ca, other, key, PASSWORD).context()
    assert f"ssl_cert_file {other} with ssl_key_file {key} cannot be used" in str(mixed.value)
    for wrong in ("guessed", None):
        with pytest.raises(SecurityError, match=r"and ssl_key_password that of the key$"):
            Tls(authority.ca, certificate, key, wrong).context()
    with pytest.raises(SecurityError, match=f"^ssl_ca_file {key} cannot be used: "):
        Tls(ca_file=key).context()
