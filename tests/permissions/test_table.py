"""URL × method × standing, against the table written by hand."""

import pytest

from tests.browser.pages import addresses
from tests.permissions.asking import ask
from tests.permissions.scene import Scene
from tests.permissions.table import ASKED, LINES, Line


@pytest.mark.every
@pytest.mark.parametrize("line", LINES, ids=str)
def test_everybody_gets_the_answer_written_for_them(line: Line, scene: Scene) -> None:
    answers = {who: ask(line, who, scene) for who in ASKED}

    wrong = {
        who: f"{answer.letter} instead of {line.answers[who]}"
        for who, answer in answers.items()
        if answer.letter != line.answers[who]
    }
    assert wrong == {}
    assert {who: answer.faults for who, answer in answers.items() if answer.faults} == {}


def test_every_address_has_its_line() -> None:
    assert {line.name for line in LINES} == addresses()
