"""However a zip is damaged, whoever reads it takes it or refuses it in its own words."""

import io
import zipfile
from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from tests.documents import words
from tests.files import makers
from zhibu.core import archives
from zhibu.documents import templates
from zhibu.files import intake
from zhibu.packs import reading

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


def packed(method):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("甲/pack.toml", 'name = "甲"\n' * 20)
        archive.writestr("乙", b"")
    return out.getvalue()


def read_whole(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [archive.read(each) for each in archive.infolist()]


READERS = {
    "zipfile": (read_whole, archives.BROKEN, [packed(method) for method in METHODS]),
    "upload": (
        lambda content: intake.prepare("a.docx", content),
        ValidationError,
        [makers.office(), makers.linked("attachedTemplate")],
    ),
    "pack": (reading.files_of_zip, ValueError, [packed(method) for method in METHODS]),
    "template": (templates.strip, templates.TemplateRefused, [words.word("甲")]),
}
DAMAGE = st.lists(st.tuples(st.integers(0, 40_000), st.binary(max_size=6)), min_size=1)


def damaged(content, damage):
    spoilt = bytearray(content)
    for place, junk in damage:
        spoilt[place % len(spoilt) : place % len(spoilt) + len(junk)] = junk
    return bytes(spoilt)


@pytest.mark.parametrize("reader", READERS)
@given(which=st.integers(0, 3), damage=DAMAGE)
def test_damaged_archive_is_taken_or_refused_never_more(reader, which, damage):
    read, refusal, samples = READERS[reader]

    with suppress(refusal):
        read(damaged(samples[which % len(samples)], damage))


def test_places_before_the_beginning_are_refused():
    """The directory is said to begin 256 too far: ``zipfile`` seeks below the first byte."""
    content = bytearray(makers.office())
    end = content.rindex(b"PK\x05\x06")
    content[end + 17] += 1

    with pytest.raises(ValueError, match="negative seek"):
        read_whole(bytes(content))
    with pytest.raises(ValidationError, match="坏了"):
        intake.prepare("a.docx", bytes(content))
    with pytest.raises(templates.TemplateRefused):
        templates.strip(bytes(content))
    with pytest.raises(ValueError, match="zip"):
        reading.files_of_zip(bytes(content))
