"""Two packs of shapes that no shipped one has, written from docs/packs.md alone.

They are data: no Python and no template of the program knows them. What the page did not say was
added to it. See ``newcomers/README.md``.
"""

from pathlib import Path

import pytest

from zhibu.activities.replay import replay
from zhibu.packs import checking, library
from zhibu.packs.reading import files_of, read

FOLDER = Path(__file__).with_name("newcomers")
SOURCE = Path(checking.__file__).parents[1]


def folders():
    return sorted(path.parent for path in FOLDER.glob("*/*/pack.toml"))


def packs():
    return {pack.id: pack for pack, _ in (read(files_of(folder)) for folder in folders())}


EXAMPLES = [
    pytest.param(pack.id, name, id=f"{pack.id}:{name}")
    for pack in packs().values()
    for name in sorted(pack.examples)
]


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_nothing_is_wrong_with_it_and_each_limit_has_its_examples(folder):
    _, faults = checking.check_folder(folder, library.shipped())

    assert list(map(str, faults)) == []


@pytest.mark.django_db
@pytest.mark.parametrize(("pack_id", "name"), EXAMPLES)
def test_example_comes_out_as_expected(pack_id, name):
    pack = packs()[pack_id]

    assert replay(pack, pack.examples[name]) == []


def test_no_program_knows_them():
    own = {pack.id for pack in packs().values()}
    names = {folder.name for folder in folders()}
    known = [
        path.name
        for path in (*SOURCE.rglob("*.py"), *SOURCE.rglob("*.html"))
        if any(one in path.read_text("utf-8") for one in own)
    ]
    assert names == {"certificates", "honours"}
    assert known == []
