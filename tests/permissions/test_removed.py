"""Without any one ``visible_to`` the table turns red: it guards each of them."""

import ast
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

import zhibu
from tests.permissions.asking import ask
from tests.permissions.scene import Scene
from tests.permissions.table import LINES, Line

pytestmark = pytest.mark.alike

WHO = "stranger"  # a member in another township


def _guarded() -> dict[str, tuple[str, type[Any]]]:
    """Every query set with ``visible_to``: its area and class, by its name."""
    found: dict[str, tuple[str, type[Any]]] = {}
    for model in apps.get_models():
        for manager in model._meta.managers:
            made = type(manager.get_queryset())
            if "visible_to" in vars(made):
                found[made.__name__] = (model._meta.app_label, made)
    return found


def _written() -> set[str]:
    """Every class in the code that defines ``visible_to``."""
    return {
        node.name
        for file in Path(zhibu.__file__).parent.rglob("*.py")
        if "def visible_to" in (text := file.read_text("utf-8"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef)
        and any(
            isinstance(part, ast.FunctionDef) and part.name == "visible_to" for part in node.body
        )
    }


def _hidden(area: str) -> list[Line]:
    """What a stranger does not get to see, an area's own addresses first."""
    lines = [line for line in LINES if line.answers[WHO] in "-o"]
    return sorted(lines, key=lambda line: not line.name.startswith(f"{area}:"))


def test_every_visible_to_in_the_code_is_put_to_the_test() -> None:
    assert set(_guarded()) == _written()


@pytest.mark.parametrize("name", sorted(_guarded()))
def test_without_it_a_stranger_gets_in(
    name: str, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    area, guarded = _guarded()[name]
    monkeypatch.setattr(guarded, "visible_to", lambda rows, user: rows.all())

    answers = ((line, ask(line, WHO, scene).letter) for line in _hidden(area))

    assert any(answer != line.answers[WHO] for line, answer in answers)
