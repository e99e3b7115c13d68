"""A small pack whose files tests change one at a time. The rules in it are invented."""

from datetime import date

from zhibu.packs.reading import Pack, read

DAY = date(2026, 11, 26)

HEAD = """
id = "demo/small"
title = "样例"
version = "1.0.0"
format = 1
kind = "local"
language = "zh-Hans"
about = "给测试用的制度包，规定是编的。"
"""
SOURCES = """
[source.charter]
title = "样例章程"
short = "章程"
"""
CHANGES = "# 变化\n\n## 1.0.0\n\n- 每月至少开两次会。\n"
ACTIVITY = """
title = "例会"
roll = "members"

[[cites]]
source = "charter"
at = "第一条"
seen = "text"
"""
DUTY = """
title = "例会"
holder = "organization"
applies_to = ["branch"]
every = "month"
times = 2
fulfilled_by = ["demo/small:assembly"]

[[cites]]
source = "charter"
at = "第二条"
seen = "page"
article_seen = false
"""
MEETING = """
[[given.activity]]
kinds = ["demo/small:assembly"]
held_on = 2026-01-{day}
"""
EXAMPLE = """
title = "{title}"
source = "章程"
covers = [{{ item = "duties/assembly", field = "times", side = "{side}" }}]

[given.organization]
full_members = 3
{meetings}
[[obligation]]
on = 2026-02-01
duty = "demo/small:assembly"
period = 2026-01-01
state = "{state}"
"""
ACTIVITY_FILE = "activities/assembly/2018-01-01.toml"
DUTY_FILE = "duties/assembly/2018-01-01.toml"


def example(*days: int, side: str, state: str) -> str:
    """January with meetings on ``days``, looked at on 1 February."""
    meetings = "".join(MEETING.format(day=f"{day:02}") for day in days)
    title = f"一月开了 {len(days)} 次"
    return EXAMPLE.format(title=title, side=side, state=state, meetings=meetings)


def files() -> dict[str, str]:
    """The pack's files; nothing is wrong with them."""
    return {
        "pack.toml": HEAD,
        "sources.toml": SOURCES,
        "CHANGES.md": CHANGES,
        ACTIVITY_FILE: ACTIVITY,
        DUTY_FILE: DUTY,
        "examples/twice.toml": example(10, 20, side="at", state="done"),
        "examples/once.toml": example(10, side="beyond", state="overdue"),
    }


def with_file(name: str, text: str | None) -> dict[str, str]:
    """The pack's files with one written anew, or without it where ``text`` is None."""
    found = files()
    if text is None:
        del found[name]
    else:
        found[name] = text
    return found


def pack(found: dict[str, str] | None = None) -> Pack:
    """Read well: no faults."""
    read_pack, faults = read(found or files())
    assert faults == []
    assert read_pack is not None
    return read_pack


def without(text: str, line: str) -> str:
    """``text`` without one of its lines."""
    assert line in text
    return text.replace(line + "\n", "")
