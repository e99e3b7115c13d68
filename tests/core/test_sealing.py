"""Words of JSON that stand sealed in the database."""

import json

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from zhibu.core import sealing
from zhibu.core.encryption import Unreadable
from zhibu.core.sealing import Words, WordsField

TEXT = st.text(min_size=1).filter(lambda text: "\x00" not in text)
FIELD = WordsField()


def kept(value):
    """What the database is given, as text of JSON."""
    return json.dumps(sealing._closed(value))


@given(st.dictionaries(TEXT, TEXT), st.dictionaries(TEXT, st.integers() | st.booleans() | TEXT))
def test_words_come_back_as_they_were_and_marked(words, plain):
    value = plain | {name: Words(said) for name, said in words.items()}

    found = sealing._opened(json.loads(kept(value)))

    assert found == value
    assert {name for name, one in found.items() if isinstance(one, Words)} == set(words)


def test_nothing_of_them_stands_in_what_is_kept_and_no_two_look_alike():
    said = "路灯坏了三盏，找张某"
    one, other = kept({"what": Words(said), "sort": "lights"}), kept({"what": Words(said)})

    assert "路灯" not in one.encode().decode("unicode_escape")
    assert "lights" in one
    assert json.loads(one)["what"] != json.loads(other)["what"]


def test_altered_words_are_not_read():
    shut = json.loads(kept({"what": Words("路灯")}))
    shut["what"]["sealed"] = shut["what"]["sealed"][:-6] + "AAAAAA"

    with pytest.raises(Unreadable):
        sealing._opened(shut)


def test_what_is_no_object_is_left_as_it_is():
    assert sealing._opened([1, {"sealed": "x"}]) == [1, {"sealed": "x"}]
    assert FIELD.get_db_prep_value({"n": 1}, connection, prepared=False) is not None
