"""The generated parts of ``docs/api.md``: every operation, and what stays off the API."""

from collections.abc import Iterator

from zhibu.api.apart import APART
from zhibu.api.endpoints import SECTIONS
from zhibu.api.sections import OPERATIONS

BEGIN, END = "<!-- 以下由 api_reference 生成 -->", "<!-- 生成到这里 -->"


def reference() -> str:
    return "\n".join([BEGIN, "", *_operations(), "### 不在这里办的", "", *_apart(), END])


def _operations() -> Iterator[str]:
    for title in (section.title for section in SECTIONS):
        yield f"### {title}"
        yield ""
        yield "| 方法 | 地址 | 做什么 | 名称 |"
        yield "| --- | --- | --- | --- |"
        for one in OPERATIONS:
            if one.section == title:
                yield f"| {one.method} | `{one.path}` | {one.summary} | `{one.name}` |"
        yield ""


def _apart() -> Iterator[str]:
    """By reason, so that it reads."""
    reasons: dict[str, list[str]] = {}
    for name, why in APART.items():
        reasons.setdefault(why, []).append(f"`{name}`")
    yield "| 为什么 | 哪些操作 |"
    yield "| --- | --- |"
    for why, names in reasons.items():
        yield f"| {why} | {'、'.join(names)} |"
    yield ""


def renewed(text: str) -> str:
    """``text`` of the document with its generated part as it should be now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{reference()}{after}"
