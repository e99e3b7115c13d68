"""Cut the charts' font out of Noto Sans CJK: the characters of GB 2312, in one weight.

    pip install fonttools
    python tools/subset_font.py /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc

Debian has the file in ``fonts-noto-cjk``. The font is under the SIL Open Font License 1.1,
which lies beside what is written. Run again only for a newer Noto; the result is in the
repository, so that nobody needs fontTools to install or to build.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

FOLDER = Path(__file__).resolve().parent.parent / "src" / "zhibu" / "core" / "data" / "fonts"
FAMILY, NAME = "Noto Sans CJK SC", "Zhibu Sans"
MORE = "·–—…‘’“”〔〕㎡°±×÷≤≥①②③④⑤⑥⑦⑧⑨⑩滘堽墘垟"  # in names of places and units


def characters() -> set[int]:
    """ASCII, the two levels of GB 2312 with its signs, and ``MORE``."""
    found = set(range(0x20, 0x7F)) | {ord(character) for character in MORE}
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                found.add(ord(bytes((high, low)).decode("gb2312")))
            except UnicodeDecodeError:
                continue
    return found


def _rename(font: TTFont) -> None:
    """A name of its own, as the licence wants of what was changed; the notices stay."""
    for number in (1, 4, 16):
        font["name"].setName(NAME, number, 3, 1, 0x409)
    font["name"].setName(NAME.replace(" ", ""), 6, 3, 1, 0x409)
    names = font["CFF "].cff
    names.fontNames = [NAME.replace(" ", "")]
    names.topDictIndex[0].FamilyName = names.topDictIndex[0].FullName = NAME


def main(source: str) -> None:
    fonts = TTCollection(source).fonts
    font = next(font for font in fonts if font["name"].getDebugName(1) == FAMILY)
    options = subset.Options(
        layout_features=["kern", "locl"],
        hinting=False,
        desubroutinize=False,
        name_IDs=[0, 1, 2, 4, 6, 13, 14],
    )
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters())
    cutter.subset(font)
    _rename(font)
    font.save(FOLDER / "ZhibuSans.otf")


if __name__ == "__main__":
    main(sys.argv[1])
