"""An invented procedure with what the shipped ones have not: two ways at once, a wait of
working days, a refusal that closes all, an effect, a branch by a field."""

from tests.packs import makers

FILE = "procedures/permit/2018-01-01.toml"
REFERENCE = "demo/small:permit"
PERMIT = """
title = "用房申请"
cites = [{ source = "charter", at = "第三条", seen = "text" }]
start = ["notice", "look"]

[starter]
who = "organization"

[[fields]]
id = "rooms"
title = "几间"
type = "number"
least = 1

[[stages]]
id = "notice"
title = "公示"
actor = { who = "organization" }
outcomes = [{ id = "posted", title = "贴了", to = ["decide"] }]

[[stages.limits]]
within = "P5D"
counts = "working-days"
cites = [{ source = "charter", at = "第四条", seen = "text" }]

[[stages]]
id = "look"
title = "看房"
actor = { who = "organization" }

[[stages.fields]]
id = "size"
title = "大小"
type = "choice"
choices = [{ id = "small", title = "小" }, { id = "large", title = "大" }]

[[stages.outcomes]]
id = "fit"
title = "合用"
to = ["decide"]

[[stages.outcomes]]
id = "unfit"
title = "不合用"
closes = true
reason = true
skips_fields = true
ends_as = "没有合用的房"

[[stages]]
id = "decide"
title = "批"
actor = { who = "above", apart_from = ["look"] }
joins = ["notice", "look"]

[[stages.waits]]
after = "notice"
at_least = "P5D"
counts = "working-days"
cites = [{ source = "charter", at = "第五条", seen = "text" }]

[[stages.outcomes]]
id = "agree"
title = "同意"
ends_as = "批了"
when = [{ field = "size", among = ["small"] }]
says = "大的要报县里。"
cites = [{ source = "charter", at = "第六条", seen = "text" }]

[[stages.outcomes]]
id = "up"
title = "报县里"
to = ["county"]
when = [{ field = "size", among = ["large"] }]
says = "小的自己批。"
cites = [{ source = "charter", at = "第六条", seen = "text" }]

[[stages.outcomes]]
id = "again"
title = "重看"
to = ["look"]
reason = true

[[stages]]
id = "county"
title = "县里批"
actor = { who = "above" }

[[stages.outcomes]]
id = "agree"
title = "同意"
ends_as = "批了"

[[stages.outcomes.effects]]
effect = "tests.opened"
constants = { by_county = true }
fields = { rooms = "rooms", organization = "case.organization", on = "case.day" }
"""


def pack(text: str = PERMIT):
    """Read well, unchecked."""
    return makers.pack(makers.with_file(FILE, text))
