"""Charts from Vega-Lite specifications, drawn on the server: SVG for screens, PNG for Word.

A picture is kept in a folder under the digest of what it was drawn from; whoever gives it out
asks first who may see the figures in it. Nothing is loaded from anywhere: a specification
carries its rows itself. The renderer takes 100 MB of memory and is imported at the first chart.
"""

import json
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpResponse

Spec = Mapping[str, Any]
FONT = "Zhibu Sans"
FONTS = Path(__file__).parent / "data" / "fonts"
TYPE = "image/svg+xml"
POLICY = "default-src 'none'; frame-ancestors 'none'"
INK, QUIET, LINE, BLUE = "#1e2024", "#5f636a", "#c4bfb2", "#24507a"
SERIES = (BLUE, "#9a6a00", "#2f6b3a", "#7f7b72", "#5b3f7a", "#1f6f78")
KEPT_FOR = timedelta(days=7)
_BARRED = {"url", "href", "blend", "expr", "signal", "labelExpr", "usermeta"}
_CONFIG = {
    "font": f"{FONT}, sans-serif",
    "background": "white",
    "padding": 6,
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK, "titleColor": QUIET, "gridColor": "#eceae4", "domainColor": LINE,
        "tickColor": LINE, "labelFontSize": 16, "titleFontSize": 16, "titleFontWeight": "normal",
        "labelLimit": 200,
    },
    "legend": {"labelFontSize": 16, "title": None, "orient": "top", "labelLimit": 160},
    "text": {"fontSize": 16, "color": INK},
    "range": {"category": list(SERIES)},
}  # fmt: skip
_fonts: list[str] = []


class Unfit(ValueError):
    """A specification that may not be drawn: it would load, link or run something."""


def checked(spec: Spec) -> dict[str, Any]:
    """``spec`` with its texts cleaned of what no picture can hold.

    Raises:
        Unfit: it names a key that loads, links, mixes or computes.
    """
    barred = sorted(set(_keys(spec)) & _BARRED)
    if barred:
        raise Unfit(f"图里不能有 {'、'.join(barred)}")
    found: dict[str, Any] = _clean(spec)
    return found


def _keys(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        for key, value in part.items():
            yield str(key)
            yield from _keys(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _keys(value)


def _clean(part: Any) -> Any:
    if isinstance(part, Mapping):
        return {key: _clean(value) for key, value in part.items()}
    if isinstance(part, list | tuple):
        return [_clean(value) for value in part]
    if isinstance(part, str):
        return "".join(c for c in part if not unicodedata.category(c).startswith("C"))
    return part


def digest(spec: Spec) -> str:
    """What a picture is kept under: its specification, our settings and the renderer's version."""
    drawn = [version("vl-convert-python"), _CONFIG, checked(spec)]
    text = json.dumps(drawn, ensure_ascii=False, sort_keys=True, allow_nan=False)
    return sha256(text.encode()).hexdigest()


def svg(spec: Spec) -> bytes:
    """The chart as SVG, drawn once."""
    path = settings.CHARTS_PATH / f"{digest(spec)}.svg"
    if path.exists():
        return path.read_bytes()
    drawn = str(
        _renderer().vegalite_to_svg(
            checked(spec), config=_CONFIG, allowed_base_urls=[], show_warnings=False
        )
    ).encode()
    _keep(path, drawn)
    return drawn


def png(drawn: bytes) -> bytes:
    """A drawn SVG as PNG at twice its size, for Word."""
    return bytes(_renderer().svg_to_png(drawn.decode(), scale=2.0))


def _renderer() -> Any:
    renderer = import_module("vl_convert")
    if str(FONTS) not in _fonts:
        renderer.register_font_directory(str(FONTS))
        _fonts.append(str(FONTS))
    return renderer


def _keep(path: Path, drawn: bytes) -> None:
    """Written beside and moved into place: nobody reads half a picture."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f"{uuid4().hex}.part")
    beside.write_bytes(drawn)
    beside.replace(path)


def forget(at: datetime) -> int:
    """Drop pictures that are ``KEPT_FOR`` old; they are drawn again when asked for."""
    folder: Path = settings.CHARTS_PATH
    oldest = (at - KEPT_FOR).timestamp()
    old = [path for path in folder.glob("*.*") if path.stat().st_mtime <= oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def answer(drawn: bytes) -> HttpResponse:
    """A picture at an address of its own, which may load and run nothing."""
    response = HttpResponse(drawn, content_type=TYPE)
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    return response
