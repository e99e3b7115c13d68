"""Calls invented by schemathesis from the API's own description, over WSGI, as programs send them:
such as the description allows, and such as it does not."""

import os
import re
from collections import Counter
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhibu.api import security
from zhibu.api.service import api

schemathesis = pytest.importorskip("schemathesis")

CASES = int(os.environ.get("HOSTILE_CASES", "200"))  # more, to look longer
WHO = ("secretary", "township", "county", "member", "system")
ANSWERED = {200, 400, 401, 403, 404, 405, 409, 415, 422}
TOLD = re.compile(rb"Traceback|site-packages|File \\?\"")


@pytest.fixture
def schema() -> Any:
    return schemathesis.openapi.from_dict(api.get_openapi_schema())


@pytest.fixture
def application() -> Any:
    """The whole of it, as a server calls it; only the test's connection stays open."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # it closes no file
def test_whatever_is_called_is_answered(scene, tokens, schema, application, monkeypatch):
    monkeypatch.setattr(security, "LIMIT", 10**6)
    numbers = sorted({int(v) for v in scene.facts.values() if v.isdecimal() and len(v) < 6})
    calls = st.one_of(
        schema.as_strategy(schemathesis.GenerationMode(mode)) for mode in ("positive", "negative")
    )
    seen: Counter[int] = Counter()

    @settings(
        max_examples=CASES, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(calls, st.sampled_from(WHO), st.data())
    def check(case, who, data):
        for name in case.path_parameters or {}:
            if data.draw(st.integers(0, 3)):  # of something that is there, more often than not
                case.path_parameters[name] = data.draw(st.sampled_from(numbers))
        with scene.undone():
            answer = case.call(app=application, headers={"Authorization": f"Bearer {tokens[who]}"})
        seen[answer.status_code] += 1
        assert answer.status_code in ANSWERED, answer.content[:300]
        assert not TOLD.search(answer.content)

    check()
    print(dict(seen))  # noqa: T201 - how far the calls got
    assert {200, 404, 422} <= set(seen)
