"""A laid-out diagram as SVG text: it loads nothing and has no style of its own."""

from collections.abc import Sequence
from html import escape

from zhibu.cases.diagram import ARROW, LINE, PAD, REOPEN, SIZE, Box, Drawing, Edge, Label, Rect
from zhibu.cases.outline import State

INK, QUIET, HAIR, RED, SUNK = "#1e2024", "#5f636a", "#8a857a", "#a3201f", "#f3f1ea"
FONTS = "'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"


def written(drawing: Drawing, title: str) -> str:
    """``title`` is what the picture is called for whoever does not see it."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{drawing.width}" '
        f'height="{drawing.height}" viewBox="0 0 {drawing.width} {drawing.height}" role="img" '
        f'font-family="{FONTS}" font-size="{SIZE}">'
    )
    parts = [
        head,
        f"<title>{escape(title)}</title>",
        f'<rect width="{drawing.width}" height="{drawing.height}" fill="#fff"/>',
        f'<g fill="none" stroke="{QUIET}" stroke-width="1.5" stroke-linejoin="round">',
    ]
    parts += [_line(edge) for edge in drawing.edges]
    parts += [_stem(box, drawing.labels) for box in drawing.boxes]
    parts.append(f'</g><g fill="{QUIET}">')
    heads = dict.fromkeys(edge.points[-1] for edge in drawing.edges)
    parts += [f'<path d="M{x:g} {y:g}l-4.5 -{ARROW}h9z"/>' for x, y in heads]
    parts.append("</g>")
    parts += [_box(box) for box in drawing.boxes]
    parts += [_label(label) for label in drawing.labels]
    return "\n".join([*filter(None, parts), "</svg>", ""])


def _line(edge: Edge) -> str:
    path = " ".join(f"{x:g} {y:g}" for x, y in edge.points)
    dashes = ' stroke-dasharray="5 4"' if edge.source == REOPEN else ""
    return (
        f'<path class="edge" data-from="{edge.source}" data-by="{edge.outcome}" '
        f'data-to="{edge.target}" d="M{path}"{dashes}/>'
    )


def _stem(box: Box, labels: Sequence[Label]) -> str:
    """From a box to the labels under it."""
    own = [label for label in labels if label.stage == box.id]
    if not own:
        return ""
    is_stacked = len({label.rect.y for label in own}) > 1
    xs = [box.rect.x + 14] if is_stacked else [one.rect.x + one.rect.width / 2 for one in own]
    low = own[-1].rect.y
    return f'<path d="{"".join(f"M{x:g} {box.rect.bottom:g}V{low:g}" for x in xs)}"/>'


_LOOKS = {
    State.NOW: f'fill="#fff" stroke="{RED}" stroke-width="3"',
    State.DONE: f'fill="{SUNK}" stroke="{HAIR}"',
    State.SKIPPED: f'fill="#fff" stroke="{HAIR}" stroke-dasharray="4 4"',
    None: f'fill="#fff" stroke="{INK}" stroke-width="1.5"',
}


def _box(box: Box) -> str:
    rect = box.rect
    radius = min(rect.height / 2, 22) if box.is_round else 8
    parts = [
        f'<g class="box" data-stage="{box.id}">{_rect(rect, radius)}'.replace(
            "/>", f" {_LOOKS[box.state]}/>"
        )
    ]
    if box.joins:
        parts.append(
            f'<path d="M{rect.x + 8:g} {rect.y + 1:g}H{rect.right - 8:g}" '
            f'stroke="{INK}" stroke-width="5"/>'
        )
    for number, (text, voice) in enumerate(box.lines):
        y = rect.y + PAD + LINE * number + 17
        ink = QUIET if voice == "quiet" else (RED if box.state is State.NOW else INK)
        ink = INK if voice == "title" else ink
        weight = ' font-weight="600"' if voice != "quiet" else ""
        parts.append(
            f'<text x="{rect.x + rect.width / 2:g}" y="{y:g}" text-anchor="middle" '
            f'fill="{ink}"{weight}>{escape(text)}</text>'
        )
    return "".join([*parts, "</g>"])


def _label(label: Label) -> str:
    rect = label.rect
    look = f'fill="#fff" stroke="{INK}"' if label.ends else f'fill="{SUNK}" stroke="{HAIR}"'
    radius = min(rect.height / 2, 16) if label.ends else 3
    shape = _rect(rect, radius).replace("/>", f" {look}/>")
    texts = "".join(
        f'<text x="{rect.x + rect.width / 2:g}" y="{rect.y + LINE * number + 20:g}" '
        f'text-anchor="middle" fill="{INK}">{escape(line)}</text>'
        for number, line in enumerate(label.lines)
    )
    kind = "end" if label.ends else "way"
    return f'<g class="{kind}" data-by="{label.stage} {label.outcome}">{shape}{texts}</g>'


def _rect(rect: Rect, radius: float) -> str:
    return (
        f'<rect x="{rect.x:g}" y="{rect.y:g}" width="{rect.width:g}" height="{rect.height:g}" '
        f'rx="{radius:g}"/>'
    )
