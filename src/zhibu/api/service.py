"""``/api/v1`` itself: its sections, and how everything that goes wrong is said."""

from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.renderers import JSONRenderer

from zhibu.activities import drafts
from zhibu.api.calling import WHOLE, Faults
from zhibu.api.endpoints import SECTIONS
from zhibu.api.sections import KeyTaken, Wrong
from zhibu.api.security import TooMany, Unknown
from zhibu.cases import steps
from zhibu.core.effects import Unfit
from zhibu.core.verdicts import Refused, no
from zhibu.pairings import drafts as pairs
from zhibu.publishing import actions as publishing
from zhibu.registers import drafts as rows

NO_TOKEN = (
    "要带令牌：Authorization: Bearer zhibu_…。令牌在“我的”里的“访问令牌”建；办事要能办的令牌。"  # noqa: S105
)
NOT_FOUND = "没有找到，或者您看不到。"
FAULTY = "有几处要改，见 faults。"
WORDS = {
    "missing": "要写。",
    "int_parsing": "要写整数。",
    "int_type": "要写整数。",
    "date_from_datetime_parsing": "日期要写成 2026-11-20。",
    "date_parsing": "日期要写成 2026-11-20。",
}


class Plain(JSONRenderer):
    """Chinese as it is written, not as numbers."""

    json_dumps_params = {"ensure_ascii": False}


class Api(NinjaAPI):
    """Described once: the description is the same for everybody and takes a second."""

    @cached_property
    def described(self) -> OpenAPISchema:
        return super().get_openapi_schema()

    def get_openapi_schema(self, **more: Any) -> OpenAPISchema:
        return self.described


api = Api(
    title="支部 Zhibu",
    version="1",
    description="看和办，规则和网页上的一样。说明见 docs/api.md。",
    docs_url=None,
    renderer=Plain(),
    urls_namespace="api",
)
for section in SECTIONS:
    api.add_router("", section.router)


def _wrong(request: HttpRequest, status: int, error: str, reason: str, **more: Any) -> HttpResponse:
    said = Wrong(error=error, reason=reason, **more).model_dump()
    return api.create_response(request, said, status=status)


@api.exception_handler(PermissionDenied)
def _refused(request: HttpRequest, exception: PermissionDenied) -> HttpResponse:
    known = isinstance(exception, Refused)
    verdict = exception.verdict if known else no("您没有权限办这件事。")  # type: ignore[attr-defined]
    return _wrong(request, 403, "refused", verdict.reason, basis=verdict.basis)


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, exception: Http404) -> HttpResponse:
    return _wrong(request, 404, "not-found", NOT_FOUND)


@api.exception_handler(Faults)
def _faulty(request: HttpRequest, exception: Faults) -> HttpResponse:
    return _wrong(request, 422, "faults", FAULTY, faults=exception.faults)


@api.exception_handler(drafts.Faulty)
@api.exception_handler(publishing.Faulty)
@api.exception_handler(rows.Faulty)
@api.exception_handler(pairs.Faulty)
@api.exception_handler(steps.Faulty)
@api.exception_handler(Unfit)
def _faulty_by_action(request: HttpRequest, exception: Any) -> HttpResponse:
    """What an action found, by the same names as the fields of the form."""
    faults = {name or WHOLE: [text] for name, text in exception.faults.items()}
    return _wrong(request, 422, "faults", FAULTY, faults=faults)


@api.exception_handler(ValidationError)
def _faulty_address(request: HttpRequest, exception: ValidationError) -> HttpResponse:
    faults = {
        str(error["loc"][-1]): [WORDS.get(error["type"], "写法不对，请核对。")]
        for error in exception.errors
    }
    return _wrong(request, 422, "faults", FAULTY, faults=faults)


@api.exception_handler(KeyTaken)
def _taken(request: HttpRequest, exception: KeyTaken) -> HttpResponse:
    reason = "这个 Idempotency-Key 用过了，那次的内容不一样。请换一个键。"
    return _wrong(request, 409, "key-taken", reason)


@api.exception_handler(Unknown)
@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, exception: Exception) -> HttpResponse:
    reason = str(exception) if isinstance(exception, Unknown) else NO_TOKEN
    response = _wrong(request, 401, "unknown", reason)
    response["WWW-Authenticate"] = 'Bearer realm="zhibu"'
    return response


@api.exception_handler(TooMany)
def _too_many(request: HttpRequest, exception: TooMany) -> HttpResponse:
    response = _wrong(request, 429, "too-many", str(exception))
    response["Retry-After"] = str(int(exception.wait.total_seconds()))
    return response
