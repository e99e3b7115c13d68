"""Operation × standing, against the table written by hand."""

import re

import pytest
from django.urls import resolve

from tests.api.asking import ROOT, ask
from tests.api.table import LINES, Line
from tests.permissions.table import ASKED
from zhibu.api.sections import OPERATIONS
from zhibu.api.service import api


@pytest.mark.every
@pytest.mark.parametrize("line", LINES, ids=str)
def test_everybody_gets_the_answer_written_for_them(line: Line, scene, tokens) -> None:
    answers = {who: ask(line, tokens[who], scene) for who in ASKED}

    wrong = {
        who: f"{answer.letter} instead of {line.answers[who]}"
        for who, answer in answers.items()
        if answer.letter != line.answers[who]
    }
    assert wrong == {}
    assert {who: answer.faults for who, answer in answers.items() if answer.faults} == {}


def _operation(line: Line) -> tuple[str, str]:
    path = re.sub(r"\{\w+\}", "1", f"{ROOT}{line.path.partition('?')[0]}")
    return line.method, "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", resolve(path).route)


def test_every_operation_has_its_line() -> None:
    assert api.urls_namespace == "api"
    assert {_operation(line) for line in LINES} == {(o.method, o.path) for o in OPERATIONS}
