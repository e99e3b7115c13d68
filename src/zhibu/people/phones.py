"""Phone numbers as typed, made regular, so that one number has one keyed hash."""

import re
import unicodedata

_DROPPED = re.compile(r"[\s\-－—·()（）]")


def normal(text: str) -> str:
    """Half-width, without spaces, dashes, brackets and the country's prefix."""
    plain = _DROPPED.sub("", unicodedata.normalize("NFKC", text)).removeprefix("+")
    return plain[2:] if plain.startswith("86") and len(plain) == 13 else plain


def is_likely(number: str) -> bool:
    """Seven to twelve digits: a mobile phone, or a landline with or without its area."""
    return bool(re.fullmatch(r"[0-9]{7,12}", number))
