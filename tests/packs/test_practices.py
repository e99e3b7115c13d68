"""docs/practices.md says what the shipped packs say, and is no kinder."""

from pathlib import Path

from tests.packs import makers
from zhibu.packs import library, practices

PAGE = Path(__file__).parents[2] / "docs" / "practices.md"
NAMED = 'practice = ["S000-01"]\n'


def state(*, item=False, example=False, left_open=""):
    files = makers.files()
    if item:
        files[makers.DUTY_FILE] = NAMED + makers.DUTY
    if example:
        files["examples/twice.toml"] = NAMED + files["examples/twice.toml"]
    if left_open:
        files["pack.toml"] += f'left_open = ["{left_open}"]\n'
    pack = makers.pack(files)
    return practices.carried({pack.id: pack})["S000-01"].state


def test_page_is_as_the_packs_write_it():
    assert PAGE.read_text("utf-8") == practices.text(library.shipped()), (
        "写出新的：python -m django practice_reference > docs/practices.md"
    )


def test_carried_takes_an_item_an_example_and_nothing_left_open():
    assert state(item=True, example=True) == "承担"
    assert state(item=True) == "部分"
    assert state(example=True) == "部分"
    assert state(item=True, example=True, left_open="照片墙（S000-01）还没有") == "部分"
    assert state(item=True, example=True, left_open="别的（S000-02）还没有") == "承担"
