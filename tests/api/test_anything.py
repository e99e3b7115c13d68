"""Whatever is sent, the API answers it: nothing breaks, and every answer is one it declares."""

import json
import os
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.asking import client_of
from tests.permissions.table import MEETING
from zhibu.api.service import api

CASES = int(os.environ.get("API_CASES", "300"))  # more, to look longer
WHO = ("secretary", "township", "county", "member", "system")
SCHEMA = api.get_openapi_schema()
OPERATIONS = [
    (method.upper(), path, operation)
    for path, methods in SCHEMA["paths"].items()
    for method, operation in methods.items()
]
TEXTS = st.one_of(
    st.sampled_from(
        ["", " ", "2026-11-20", "2026-12-20T09:00", "9999-12-31", "0001-01-01", "yes", "rural",
         f"k{MEETING}", "前村", "#1", "#", "1", "-1", "1" * 40, "\x00", "½", "２", "\ud800"]
    ),
    st.text(max_size=20),
)  # fmt: skip
NUMBERS = st.sampled_from([-1, 0, 1, 2, 3, 7, 12, 40, 2**31, 2**63, 10**30])
PLAIN = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS, st.floats(allow_nan=False))
VALUES = st.one_of(PLAIN, st.lists(PLAIN, max_size=3), st.just({"a": 1}))
EXTRA = st.sampled_from(
    ["what", "also", "starts_at", "absent", "outcome", "decision_0", "yes_0", "task_0", "owner_0",
     "reason_1", "outcome_0", "owner", "group", "unit", "own_0_title", "own_0_type", "colour"]
)  # fmt: skip


def _fitting(field: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Mostly what the description says, so that many calls get as far as the action."""
    match field:
        case {"enum": [*known]}:
            return st.sampled_from(known)
        case {"format": "date"}:
            return st.dates().map(str) | st.just("2026-11-20")
        case {"format": "date-time"}:
            return st.sampled_from(["2026-11-19T09:00", "2026-12-20T09:00:00+08:00"])
        case {"type": "integer"}:
            return NUMBERS
        case {"type": "boolean"}:
            return st.booleans()
        case {"type": "array", "items": items}:
            return st.lists(_fitting(items), max_size=3)
        case _:
            return TEXTS


@st.composite
def calls(draw: st.DrawFn, numbers: list[int]) -> tuple[str, str, dict[str, Any], dict[str, Any]]:
    method, path, operation = draw(st.sampled_from(OPERATIONS))
    address = re.sub(
        r"\{(\w+)\}",
        lambda name: {"publisher": "seeds", "slug": "rectification", "name": "rectify"}.get(
            name[1], str(draw(st.sampled_from(numbers)))
        ),
        path,
    )
    query = {
        p["name"]: draw(_fitting(p["schema"]) | TEXTS)
        for p in operation["parameters"]
        if p["in"] == "query" and draw(st.booleans())
    }
    body: dict[str, Any] = {}
    for content in operation.get("requestBody", {}).get("content", {}).values():
        for name, field in content["schema"]["properties"].items():
            if draw(st.integers(0, 4)):
                body[name] = draw(_fitting(field) if draw(st.integers(0, 4)) else VALUES)
        if content["schema"]["additionalProperties"] or not draw(st.integers(0, 4)):
            body |= draw(st.dictionaries(EXTRA, VALUES, max_size=3))
    return method, address, query, body


@pytest.mark.slow
def test_whatever_is_sent_is_answered(scene, tokens, monkeypatch):
    from zhibu.api import security

    monkeypatch.setattr(security, "LIMIT", 10**6)
    seen: dict[int, int] = {}
    numbers = sorted({int(v) for v in scene.facts.values() if v.isdecimal() and len(v) < 6})

    @settings(
        max_examples=CASES, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(calls(numbers), st.sampled_from(WHO))
    def check(call, who):
        method, address, query, body = call
        text = {name: _sendable(value) for name, value in query.items()}
        with scene.undone():
            client = client_of(tokens[who])
            if method == "GET":
                answer = client.get(address, text)
            else:
                answer = client.post(address, json.dumps(body), content_type="application/json")
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        seen[answer.status_code] = seen.get(answer.status_code, 0) + 1
        assert answer.status_code in {200, 403, 404, 409, 422}, content[:300]
        if answer.status_code != 200:
            assert json.loads(content)["reason"]

    check()
    print(seen)  # noqa: T201 - how far the calls got
    assert {200, 403, 404, 422} <= set(seen)


def _sendable(value: Any) -> str:
    return str(value).encode("utf-8", "replace").decode()
