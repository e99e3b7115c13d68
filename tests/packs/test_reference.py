"""docs/packs.md says what the schema says."""

from pathlib import Path

import pytest

from zhibu.packs import reference
from zhibu.packs.schema import KINDS

PAGE = Path(__file__).parents[2] / "docs" / "packs.md"


def test_page_is_as_the_schema_writes_it():
    assert PAGE.read_text("utf-8") == reference.text(), (
        "写出新的：python -m django pack_reference > docs/packs.md"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_page_names_every_field_of_every_kind(kind):
    section = reference.text().split(f"：`{kind}/编号/开始施行日.toml`")[1].split("\n### ")[0]

    missing = [name for name in KINDS[kind].model_fields if f"| `{name}` |" not in section]

    assert missing == []
