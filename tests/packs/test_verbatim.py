"""What somebody said goes on word for word: no step of the pack asks for it again, or for whom."""

from zhibu.core.fields import FieldSpec
from zhibu.packs import library
from zhibu.packs.schema.procedures import Procedure

WHO = {"person", "identity", "phone"}


def opinion() -> Procedure:
    wording = library.shipped()["seeds/verbatim"].wordings("procedures")[0][-1].item
    assert isinstance(wording, Procedure)
    return wording


def test_no_step_writes_over_the_words():
    rewritten = [
        stage.id for stage in opinion().stages for spec in stage.fields if spec.id == "said"
    ]
    assert rewritten == []


def test_nothing_asks_who_said_it():
    asked: list[FieldSpec] = list(opinion().specs().values())
    assert [spec.id for spec in asked if spec.type in WHO] == []
    assert opinion().subject is None


def test_whoever_asks_sees_each_step_in_plain_words():
    doorway = opinion().doorway
    assert doorway is not None
    assert set(doorway.words) == {stage.id for stage in opinion().stages}
