"""Invented procedures, one for each thing the engine can do, in one small pack.

``pack`` reads them; ``changed`` gives a procedure other words. Nothing in them is anybody's rule.
"""

from datetime import date

from tests.packs import makers
from zhibu.packs.reading import Pack

SINCE = date(2018, 1, 1)
LATER = date(2026, 6, 1)
CITE = '{ source = "charter", at = "第三条", seen = "text" }'
CITES = f"cites = [{CITE}]"
ORGANIZATION = 'actor = { who = "organization" }'

VOTED = f"""
title = "表决一个人"
{CITES}
start = ["vote"]
starter = {{ who = "organization" }}
subject = {{ title = "被表决的人" }}

[[stages]]
id = "vote"
title = "表决"
{ORGANIZATION}

[stages.vote]
voters = "full-members"

[stages.vote.rule]
attendance = {{ share = "1/2", more_than = true, of = "entitled" }}
majority = {{ share = "1/2", more_than = true, of = "entitled" }}
cites = [{{ source = "charter", at = "第四条", seen = "text" }}]

[[stages.outcomes]]
id = "passed"
title = "通过"
vote = "passed"
ends_as = "通过了"

[[stages.outcomes]]
id = "failed"
title = "没有通过"
vote = "failed"

[[stages.outcomes]]
id = "put-off"
title = "改期"
to = ["vote"]
reason = true
"""

POSTED = f"""
title = "公示一件事"
{CITES}
start = ["notice"]
starter = {{ who = "organization" }}

[[fields]]
id = "is_large"
title = "大额吗"
type = "yes-no"

[[stages]]
id = "notice"
title = "公示"
{ORGANIZATION}

[stages.notice]
at_least = "P5D"
counts = "working-days"
twice_when = [{{ field = "is_large", among = ["yes"] }}]
cites = [{{ source = "charter", at = "第五条", seen = "text" }}]

[[stages.outcomes]]
id = "clear"
title = "没有异议"
objections = "none"

[[stages.outcomes]]
id = "stands"
title = "异议成立"
objections = "some"
to = ["notice"]

[[stages.outcomes]]
id = "given-up"
title = "不公示了"
unless_posted = true
reason = true
"""

CLAIMED = f"""
title = "跑一趟"
{CITES}
start = ["errand"]
starter = {{ who = "organization" }}

[[stages]]
id = "errand"
title = "跑腿"
outcomes = [{{ id = "done", title = "跑完了" }}]

[stages.actor]
who = "organization"
claimed = true
claims_at_most = 2
{CITES}
"""

WHOLE = f"""
title = "整件"
{CITES}
start = ["divide"]
starter = {{ who = "organization" }}

[[fields]]
id = "what"
title = "什么"
type = "text"

[[stages]]
id = "divide"
title = "分派"
{ORGANIZATION}

[[stages.outcomes]]
id = "divided"
title = "分了"
to = ["gather"]
begins = [{{ procedure = "demo/small:piece", where = "above", fields = {{ thing = "what" }} }}]

[[stages]]
id = "gather"
title = "收齐"
{ORGANIZATION}
awaits = ["piece"]
outcomes = [{{ id = "gathered", title = "收齐了" }}]
"""

PIECE = f"""
title = "一部分"
{CITES}
start = ["do"]
starter = {{ who = "organization" }}

[[fields]]
id = "thing"
title = "东西"
type = "text"

[[stages]]
id = "do"
title = "办"
{ORGANIZATION}
limits = [{{ within = "P30D", {CITES} }}]
outcomes = [{{ id = "done", title = "办好了" }}]
"""

OPTIONAL = f"""
title = "可去可不去"
{CITES}
start = ["ask", "visit"]
starter = {{ who = "organization" }}

[[stages]]
id = "ask"
title = "问"
{ORGANIZATION}
outcomes = [{{ id = "asked", title = "问了", to = ["decide"] }}]

[[stages]]
id = "visit"
title = "去看"
optional = true
{ORGANIZATION}
outcomes = [{{ id = "seen", title = "看了", to = ["decide"] }}]

[[stages]]
id = "decide"
title = "定"
joins = ["ask", "visit"]
{ORGANIZATION}
outcomes = [{{ id = "decided", title = "定了", to = ["file"] }}]

[[stages]]
id = "file"
title = "归档"
{ORGANIZATION}
outcomes = [{{ id = "filed", title = "归了" }}]
"""

OLDER = f"""
title = "入册"
{CITES}
start = ["apply"]
starter = {{ who = "organization" }}

[[stages]]
id = "apply"
title = "申请"
{ORGANIZATION}
outcomes = [{{ id = "applied", title = "交了", to = ["list"] }}]

[[stages]]
id = "list"
title = "列入"
{ORGANIZATION}
waits = [{{ after = "apply", at_least = "P1M", {CITES} }}]
limits = [{{ within = "P6M", extendable = true, {CITES} }}]
outcomes = [{{ id = "listed", title = "列了", to = ["enter"] }}]

[[stages]]
id = "enter"
title = "入册"
actor = {{ who = "organization", apart_from = ["apply"] }}
waits = [{{ after = "apply", at_least = "P2M", {CITES} }}]
outcomes = [{{ id = "entered", title = "入了" }}]
"""

NEWER = f"""
title = "入册（新）"
{CITES}
start = ["request"]
starter = {{ who = "organization" }}

[[transitions]]
replaces = 2018-01-01
stages = {{ apply = "request", list = "name" }}
{CITES}

[[stages]]
id = "request"
title = "提出"
{ORGANIZATION}
outcomes = [{{ id = "applied", title = "提了", to = ["name"] }}]

[[stages]]
id = "name"
title = "点名"
{ORGANIZATION}
waits = [{{ after = "request", at_least = "P3M", {CITES} }}]
limits = [{{ within = "P4M", extendable = true, {CITES} }}]
outcomes = [{{ id = "listed", title = "点了", to = ["enter"] }}]

[[stages]]
id = "enter"
title = "入册"
actor = {{ who = "organization", apart_from = ["request"] }}
waits = [{{ after = "request", at_least = "P5M", {CITES} }}]
outcomes = [{{ id = "entered", title = "入了" }}]
"""

HOURLY = f"""
title = "急事"
{CITES}
start = ["answer"]
starter = {{ who = "organization" }}

[[stages]]
id = "answer"
title = "答复"
{ORGANIZATION}
outcomes = [{{ id = "answered", title = "答了" }}]

[[stages.limits]]
within = "PT24H"
extendable = true
extendable_to = "P3D"
{CITES}
"""

SECRET = f"""
title = "谈话函询"
short = "函询"
known_as = "人事事项"
{CITES}
start = ["hear"]
starter = {{ who = "organization" }}
subject = {{ title = "被谈的人", sees = false }}
has_owner = true

[[fields]]
id = "why"
title = "为什么"
type = "text"

[[stages]]
id = "hear"
title = "听本人说明"
{ORGANIZATION}
limits = [{{ within = "P10D", {CITES} }}]
outcomes = [{{ id = "heard", title = "听了" }}]
"""

CLOSED = f"""
title = "救助"
{CITES}
closed_fields = ["illness"]
start = ["look"]
starter = {{ who = "organization" }}

[[fields]]
id = "illness"
title = "什么病"
type = "text"

[[stages]]
id = "look"
title = "上门看"
actor = {{ who = "above" }}
outcomes = [{{ id = "seen", title = "看了" }}]
"""

SIGNED = f"""
title = "传签"
{CITES}
start = ["sign", "copy"]
starter = {{ who = "organization" }}
has_owner = true

[[stages]]
id = "sign"
title = "每名委员签字"
actor = {{ who = "everyone", roll = "committee" }}
limits = [{{ within = "P5D", extendable = true, {CITES} }}]

[[stages.fields]]
id = "opinion"
title = "意见"
type = "text"
required = false

[[stages.outcomes]]
id = "agreed"
title = "同意"
to = ["file"]

[[stages.outcomes]]
id = "changed"
title = "要改"
to = ["sign"]
reason = true

[[stages.outcomes]]
id = "stopped"
title = "不同意"
closes = true
when = [{{ field = "opinion", filled = true }}]
says = "写明为什么不同意。"
{CITES}

[[stages]]
id = "copy"
title = "抄一份"
{ORGANIZATION}
outcomes = [{{ id = "copied", title = "抄了", to = ["file"] }}]

[[stages]]
id = "file"
title = "归档"
joins = ["sign", "copy"]
{ORGANIZATION}
waits = [{{ after = "sign", at_least = "P3D", {CITES} }}]
outcomes = [{{ id = "filed", title = "归了" }}]
"""

READ = f"""
title = "传阅"
{CITES}
start = ["read"]
starter = {{ who = "organization" }}

[[stages]]
id = "read"
title = "每名党员看"
actor = {{ who = "everyone", roll = "full-members" }}
outcomes = [{{ id = "read", title = "看了" }}]
"""

COPIED = READ.replace('roll = "full-members"', 'roll = "committee"')

PROCEDURES = {
    "copied": COPIED, "signed": SIGNED, "read": READ, "voted": VOTED, "posted": POSTED,
    "claimed": CLAIMED, "whole": WHOLE, "piece": PIECE, "optional": OPTIONAL, "hourly": HOURLY,
    "secret": SECRET, "closed": CLOSED,
}  # fmt: skip


def file_of(name: str, since: date = SINCE) -> str:
    return f"procedures/{name}/{since}.toml"


def pack(**changed: str) -> Pack:
    """All of them, read well; ``changed`` are other words, by name."""
    files = makers.files()
    for name, text in {**PROCEDURES, **changed}.items():
        files[file_of(name)] = text
    files[file_of("worded")] = changed.get("worded", OLDER)
    files[file_of("worded", LATER)] = changed.get("worded_later", NEWER)
    files.pop(file_of("worded_later"), None)
    return makers.pack(files)
