"""What the API says of itself, and whether it is so."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from stream.merchant.api.examples import EXAMPLES
from stream.merchant.api.openapi import BODIES
from tests.merchant.api.scene import MINE, OPS, Served
from tests.view.story import alert, late, rates, returns, score

STREAMS = ("/v1/events", "/v1/shops/{shop_id}/events")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
    unsupported_method,
]


def document(served: Served) -> Mapping[str, Any]:
    found: Mapping[str, Any] = served.ask("/openapi.json", None).json
    return found


def test_every_path_is_described_with_its_bodies_and_problems(served: Served) -> None:
    described = document(served)
    assert set(described["paths"]) == {
        "/v1/session",
        "/v1/shops/{shop_id}",
        "/v1/shops/{shop_id}/alerts",
        "/v1/shops/{shop_id}/orders/at-risk",
        "/v1/shops/{shop_id}/events",
        "/v1/alerts",
        "/v1/events",
    }
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], path
            assert all(parameter.get("description") for parameter in operation.get("parameters", ()))
            for status, answer in operation["responses"].items():
                kinds = set(answer.get("content", {}))
                if status.startswith("2"):
                    wanted = {"text/event-stream"} if path in STREAMS else {"application/json"}
                    assert kinds == (set() if method == "delete" else wanted)
                else:
                    assert kinds == {"application/problem+json"}
            if method != "delete":
                assert operation["security"], path
    assert "HTTPValidationError" not in json.dumps(described)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_what_would_be_sent(name: str) -> None:
    kind = next(body for body in BODIES if body.__name__ == name)
    msgspec.json.decode(json.dumps(EXAMPLES[name]), type=kind)


def fuzz(served: Served, examples: int) -> None:
    """Every path and method, with what fits its description and with what does not."""

    def tell() -> None:
        for shop in ("s1", "s2"):
            served.log.rates(rates(shop, late(78, 22), returns(3), score(88.5)))
            served.log.alert(alert(1 if shop == "s1" else 2, shop, 1, orders=3))

    served.do(tell)
    schema = schemathesis.openapi.from_url(f"{served.address}/openapi.json")
    for operation in schema.exclude(path_regex="/events$").get_all_operations():
        _fuzz_one(operation, examples)


def _fuzz_one(operation: Any, examples: int) -> None:
    @given(case=operation.ok().as_strategy())
    @settings(
        max_examples=examples,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    def one(case: Any) -> None:
        if "shop_id" in (case.path_parameters or {}):
            case.path_parameters["shop_id"] = "s1"
        for token in (MINE, OPS):
            case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)

    one()


def test_what_is_answered_is_what_is_described(served: Served) -> None:
    fuzz(served, 6)
    assert served.said == []


@pytest.mark.long
def test_what_is_answered_is_what_is_described_at_length(served: Served) -> None:
    fuzz(served, 300)
    assert served.said == []
