"""The pack of ``two-batches/``: a campaign of two batches, three phases and a look-back."""

from pathlib import Path

from zhibu.packs.reading import Pack, files_of, read

FOLDER = Path(__file__).parent / "two-batches"
DRIVE = Path(__file__).parent / "drive"
FILE = "campaigns/education/2018-01-01.toml"
REFERENCE = "demo/two-batches:education"


def files() -> dict[str, str]:
    return dict(files_of(FOLDER))


def pack(text: str | None = None) -> Pack:
    """Read well, unchecked; with the campaign written as ``text``."""
    found = files()
    if text is not None:
        found[FILE] = text
    made, faults = read(found)
    assert made is not None, faults
    return made
