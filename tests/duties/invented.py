"""Two packs with every trigger, every holder and every direction of tightening. Invented."""

from zhibu.packs.reading import Pack, read

BRANCHES = '["branch", "joint-branch", "temporary-branch"]'
CITES = """
[[cites]]
source = "invented"
seen = "text"
"""
HEAD = """
id = "{id}"
title = "样例"
version = "1.0.0"
format = 1
kind = "local"
language = "zh-Hans"
about = "给测试用，规定是编的。"
requires = {requires}
"""
SOURCES = """
[source.invented]
title = "样例规定"
short = "样例"
"""
MEMBERS = 'who = { any = ["is_full_member", "is_probationary_member"] }'
ELDERS = 'who = { all = ["is_full_member"], none = [{ is = "age_at_least", years = 60 }] }'
DUTIES = {
    "birthday": f"""
holder = "person"
{MEMBERS}
anniversary = {{ fact = "joined_on", held_in = "month" }}
fulfilled_by = ["national/branch-life:theme-day"]
""",
    "born": f"""
holder = "person"
{ELDERS}
anniversary = {{ fact = "born_on", held_in = "week" }}
judged_on = "end"
fulfilled_by = ["national/branch-life:party-class"]
credited_through = "speaker"
""",
    "first-year": f"""
holder = "person"
{MEMBERS}
after = {{ fact = "joined_on", within = "P6M" }}
fulfilled_by = ["national/branch-life:party-class"]
""",
    "study": f"""
holder = "person"
{ELDERS}
every = "quarter"
times = 2
fulfilled_by = ["national/branch-life:general-meeting", "national/branch-life:party-class"]
""",
    "study-of-elders": """
holder = "person"
who = { all = ["is_full_member", { is = "age_at_least", years = 60 }] }
every = "year"
judged_on = "end"
fulfilled_by = ["national/branch-life:general-meeting", "national/branch-life:party-class"]
""",
    "leaders": """
holder = "person"
who = { any = [{ is = "holds_post", posts = ["committee-secretary"] }, "is_in_committee"] }
every = "half-year"
fulfilled_by = ["national/branch-life:general-meeting"]
""",
    "follow-up": """
holder = "organization"
after = { kinds = ["national/branch-life:general-meeting"], within = "P20D" }
entered_within = "P5D"
fulfilled_by = ["national/branch-life:committee-meeting", "national/branch-life:theme-day"]
""",
    "group-follow-up": """
holder = "party-group"
after = { kinds = ["national/branch-life:group-meeting"], within = "P1M" }
fulfilled_by = ["national/branch-life:party-class"]
""",
    "term": """
holder = "organization"
before = { fact = "term_ends_on", notice = "P6M" }
when = { all = [{ is = "term_ends_within", within = "P6M" }] }
fulfilled_by = ["national/branch-life:general-meeting"]
""",
    "winter": """
holder = "organization"
every = "year"
season = { since = "11-15", until = "02-01" }
judged_on = "end"
fulfilled_by = ["national/branch-life:theme-day"]
""",
    "summer": """
holder = "organization"
every = "month"
season = { since = "06-15", until = "10-01" }
fulfilled_by = ["national/branch-life:theme-day"]
""",
    "talk": f"""
holder = "pair"
{MEMBERS}
with_one_of = {{ posts = [] }}
every = "half-year"
fulfilled_by = ["test/triggers:talk"]
""",
    "talk-with-those-above": """
holder = "pair"
who = { all = ["is_full_member"] }
with_one_of = { posts = ["committee-secretary"], of = "above" }
every = "year"
judged_on = "end"
fulfilled_by = ["test/triggers:talk"]
""",
}
TALK = """
title = "谈心谈话"
held_by = ["pair"]
roll = "nobody"
"""
STRICTER = """
title = "加严"
[[tighten]]
item = "national/branch-life:general-meeting"
field = "times"
value = {times}

[[tighten]]
item = "test/triggers:follow-up"
field = "after.within"
value = "P10D"

[[tighten]]
item = "test/triggers:follow-up"
field = "entered_within"
value = "P1D"

[[tighten]]
item = "test/triggers:term"
field = "before.notice"
value = "P8M"

[[tighten]]
item = "test/triggers:talk"
field = "times"
value = {times}
"""


def _files(id_: str, requires: str, items: dict[str, str]) -> dict[str, str]:
    return {
        "pack.toml": HEAD.format(id=id_, requires=requires),
        "sources.toml": SOURCES,
        "CHANGES.md": "# 变化\n\n- 样例。\n",
        **{f"{name}/2018-01-01.toml": text for name, text in items.items()},
    }


def files() -> list[dict[str, str]]:
    duties = {
        f"duties/{name}": f'title = "{name}"\napplies_to = {BRANCHES}\n{text}{CITES}'
        for name, text in DUTIES.items()
    }
    triggers = {**duties, "activities/talk": TALK + CITES}
    return [
        _files("test/triggers", '["national/branch-life"]', triggers),
        *(
            _files(
                f"test/stricter-{times}",
                '["national/branch-life", "test/triggers"]',
                {"tightenings/all": STRICTER.format(times=times) + CITES},
            )
            for times in (2, 3)
        ),
    ]


def packs() -> dict[str, Pack]:
    """The invented packs by id, read well; what their examples show is nobody's matter."""
    found = {}
    for some in files():
        pack, faults = read(some)
        assert pack is not None and faults == []
        found[pack.id] = pack
    return found
