"""How is it said that something is wrong?  As ``application/problem+json`` (RFC 9457), whatever it is."""

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from stream.merchant.api.documents import Problem

MEDIA_TYPE = "application/problem+json"


class ProblemError(HTTPException):
    """Ends a request; ``detail`` is a sentence for whoever asked."""

    def __init__(self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail, headers)


def unknown_token() -> ProblemError:
    """No token, or one that opens nothing."""
    return ProblemError(
        HTTPStatus.UNAUTHORIZED,
        "a token is needed: Authorization: Bearer TOKEN, or the cookie of a session",
        {"WWW-Authenticate": "Bearer"},
    )


def no_such_shop() -> ProblemError:
    """The same for a shop that is not there, and for one that is somebody else's."""
    return ProblemError(HTTPStatus.NOT_FOUND, "there is no such shop")


def ops_only() -> ProblemError:
    """A token of a merchant where all shops are shown."""
    return ProblemError(HTTPStatus.FORBIDDEN, "this token opens single shops only")


def not_ready() -> ProblemError:
    """The topics have not been read to their end yet."""
    return ProblemError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "the topics are being read; ask again in a moment",
        {"Retry-After": "2"},
    )


def too_many_streams() -> ProblemError:
    """No further stream is opened."""
    return ProblemError(
        HTTPStatus.SERVICE_UNAVAILABLE, "too many streams are open; try again later", {"Retry-After": "30"}
    )


def bad_parameter(name: str, detail: str) -> ProblemError:
    """A parameter that is not what it should be."""
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, f"{name}: {detail}")


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """The response."""
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    return Response(msgspec.json.encode(body), status, headers, MEDIA_TYPE)


def handle_problems(app: FastAPI) -> None:
    """Whatever a route or the framework raises is told so."""
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(Exception, _of_mistake)


async def _of_http(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return problem(error.status_code, str(error.detail), error.headers)


async def _of_validation(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    said = (f"{'.'.join(map(str, each['loc'][1:]))}: {each['msg']}" for each in error.errors())
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join(said))


async def _of_mistake(_request: Request, _error: Exception) -> Response:
    """Which is said elsewhere."""
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "this is a mistake in shopwatch, and has been logged")
