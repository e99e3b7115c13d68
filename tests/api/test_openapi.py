"""The description is sound, served by ourselves, and the document is written from it."""

import re
from pathlib import Path
from typing import Any

import pytest

from zhibu.api.reference import renewed
from zhibu.api.sections import OPERATIONS
from zhibu.api.service import api

pytestmark = pytest.mark.alike

DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"
TYPES = {"string", "integer", "number", "boolean", "array", "object", "null"}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return api.get_openapi_schema()


def operations(schema):
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def parts(value):
    """Every object in a JSON value."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from parts(inner)


def test_it_says_what_there_is(schema):
    assert schema["openapi"].startswith("3.1")
    assert {(m, p) for m, p, _ in operations(schema)} == {(o.method, o.path) for o in OPERATIONS}
    names = [operation["operationId"] for _, _, operation in operations(schema)]
    assert len(names) == len(set(names))


def test_every_reference_leads_somewhere(schema):
    known = schema["components"]["schemas"]
    named = {part["$ref"] for part in parts(schema) if "$ref" in part}

    assert named
    assert {name for name in named if name.removeprefix("#/components/schemas/") not in known} == (
        set()
    )


def test_what_stands_in_an_address_is_described(schema):
    for method, path, operation in operations(schema):
        described = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
        assert described == set(re.findall(r"\{(\w+)\}", path)), (method, path)
        names = [(p["in"], p["name"]) for p in operation["parameters"]]
        assert len(names) == len(set(names)), (method, path)


def test_every_shape_is_one_there_is(schema):
    for part in parts(schema["components"]["schemas"]):
        kind = part.get("type")
        kinds = kind if isinstance(kind, list) else [kind]
        assert isinstance(kind, dict) or {k for k in kinds if k} <= TYPES, part


def test_every_operation_asks_for_a_token_and_says_what_can_go_wrong(schema):
    for method, path, operation in operations(schema):
        schemes = {name for scheme in operation["security"] for name in scheme}
        expected = {"ByToken", "SessionAuth"} if method == "GET" else {"ByTokenThatActs"}
        assert schemes == expected, path
        answers = {str(code) for code in operation["responses"]}
        assert {"200", "401", "403", "404", "422", "429"} <= answers, path
        assert ("409" in answers) == (method == "POST"), path


def test_what_is_asked_has_a_word(schema):
    untold = [
        (path, name)
        for _, path, operation in operations(schema)
        for content in operation.get("requestBody", {}).get("content", {}).values()
        for name, field in content["schema"]["properties"].items()
        if not field.get("title") and name != "page"
    ]
    assert untold == []


@pytest.mark.django_db
def test_it_is_served_without_anything_from_outside(client):
    answer = client.get("/api/v1/openapi.json")

    assert answer.status_code == 200
    assert re.findall(r"https?://", answer.content.decode()) == []
    assert client.get("/api/v1/docs").status_code == 404


def test_the_document_is_as_the_program_is():
    text = DOCUMENT.read_text("utf-8")

    assert renewed(text) == text
    for operation in OPERATIONS:
        assert f"`{operation.path}`" in text


@pytest.mark.django_db
def test_the_command_prints_it(capsys):
    from django.core.management import call_command

    call_command("api_reference")

    assert capsys.readouterr().out.strip() in DOCUMENT.read_text("utf-8")
