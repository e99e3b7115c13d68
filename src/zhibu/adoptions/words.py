"""Items of packs in plain words: what a page, a refusal or a spreadsheet says of them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from zhibu.adoptions.queries import Stricter
from zhibu.core import beside, predicates
from zhibu.core.dates import Duration
from zhibu.core.predicates import Condition, Test
from zhibu.organizations.models import BRANCHES, COMMITTEES, Field, Kind
from zhibu.packs.meaning import find
from zhibu.packs.reading import Pack
from zhibu.packs.schema.activities import ActivityKind, ShareSpec
from zhibu.packs.schema.assignment_forms import AssignmentForm
from zhibu.packs.schema.base import Item
from zhibu.packs.schema.campaigns import Campaign, CampaignItem, Gate, Phase
from zhibu.packs.schema.caps import Cap
from zhibu.packs.schema.catalogues import Catalogue, Disclosed
from zhibu.packs.schema.duties import Duty, Partner
from zhibu.packs.schema.field_notes import FieldNote
from zhibu.packs.schema.hints import Hint
from zhibu.packs.schema.pair_kinds import PairKind, Side
from zhibu.packs.schema.posts import PostKind
from zhibu.packs.schema.procedures import CHANNELS, Actor, Doorway, Procedure, Stage
from zhibu.packs.schema.registers import HOLDER, Register
from zhibu.packs.schema.tightenings import Tightening

PACK_KINDS = {"national": "全国规定", "local": "本地要求", "seed": "经验做法"}
ROLLS = {
    "members": "全体党员",
    "full-members": "正式党员",
    "committee": "支部委员",
    "group": "本小组党员",
    "nobody": "不点名",
}
BASES = {"entitled": "应到会有表决权的人数", "present": "实到人数", "cast": "赞成加反对的票数"}
STRICTER = {
    "times": "次数",
    "entered_within": "记录期限",
    "after.within": "办理期限",
    "before.notice": "提前时间",
    "vote.attendance.share": "到会的比例",
    "vote.majority.share": "赞成的比例",
    "most": "最多",
    "link.who.most": "联系的一方最多同时几个",
    "link.whom.most": "被联系的一方最多同时几个",
}
PER = {
    "week": "每星期", "month": "每月", "quarter": "每季度", "half-year": "每半年", "year": "每年",
    "ever": "一共",
}  # fmt: skip
Packs = Mapping[str, Pack]


@dataclass(frozen=True, slots=True)
class Fact:
    """One line about an item: 多久 / 每月 1 次."""

    label: str
    text: str


def kinds(ids: Iterable[str]) -> str:
    """党支部 for all kinds of branch, 党委 for all kinds of committee, else one by one."""
    left = list(ids)
    found = []
    for group, word in ((BRANCHES, "党支部"), (COMMITTEES, "党委（党组）")):
        if set(group) <= set(left):
            found.append(word)
            left = [kind for kind in left if kind not in group]
    return "、".join([*found, *(Kind(k).label if k in Kind.values else k for k in left)])


def brief(item: Item) -> str:
    """The one thing to know of an item, in a table cell."""
    if isinstance(item, Duty):
        return item.in_words()
    if isinstance(item, ActivityKind) and item.is_a_talk:
        return "两个人谈，只记日期"
    if isinstance(item, ActivityKind):
        return f"应到：{ROLLS[item.roll]}"
    if isinstance(item, (Hint, FieldNote)):
        return item.text
    if isinstance(item, PostKind):
        return f"设在{_seats_of(item)}"
    if isinstance(item, Catalogue):
        return "、".join(entry.title for entry in item.entries)
    if isinstance(item, AssignmentForm):
        return f"{len(item.fields)} 项，约 {item.minutes} 分钟"
    if isinstance(item, Tightening):
        return "；".join(f"{STRICTER.get(t.field, t.field)} {said(t.value)}" for t in item.tighten)
    return item.about


def said(value: int | str) -> str:
    """A limit in words: 2, 10天, 2/3."""
    is_duration = isinstance(value, str) and value.startswith("P")
    return Duration.parse(str(value)).in_words() if is_duration else str(value)


def change_of(one: Stricter) -> str:
    """次数 1，加严到 2."""
    name = STRICTER.get(one.field, one.field)
    return f"{name} {said(one.base)}，加严到 {said(one.value)}"


def stricter(one: Stricter) -> str:
    return f"{change_of(one)}（{one.adopter}，{one.cited}）"


def drives(item: Item) -> str:
    """What follows from an item in the rest of the platform."""
    if isinstance(item, Duty):
        required = [one for one in item.items if one.required]
        whose = {"party-group": "每个党小组", "post": "这个职务", "person": "每个人"}
        if item.holder == "pair":
            return f"每个人{item.in_words()}，和谁谈记的时候选；两个人都确认就办了，不记内容。"
        done = "公开一次" if item.is_published else "记一次"
        text = (
            f"{whose.get(item.holder, '')}{item.in_words()}，算 {item.times} 项应办；{done}就办了。"
        )
        return text + (f"必选 {len(required)} 项没做齐不算办。" if required else "")
    if isinstance(item, ActivityKind) and item.is_a_talk:
        return "只记日期和两个人的确认，不记谈了什么。"
    if isinstance(item, ActivityKind):
        text = "记一次，到会名单、应办跟着都有了。"
        return text + ("表决够不够人、过不过半，当场算出来。" if item.vote else "")
    if isinstance(item, Tightening):
        return "采用以后，下面的组织按加严后的办；原来的规定照样看得到。"
    if isinstance(item, FieldNote):
        return "填表时写在那一栏旁边，不算应办，也不拦着填。"
    if isinstance(item, Campaign):
        return "发起以后，谁办了、谁没办从记录里来，不用报；没有记录的才由单位确认。"
    if isinstance(item, PairKind) and item.of == "link":
        return "谁联系谁记一次；到期没有联系的、没有联系人的列出来，不打分、不排名。"
    if isinstance(item, PairKind):
        return "按名单轮着排，谁也不多一班；来不了的让出去，谁接是谁的；值班前一天提醒。"
    if isinstance(item, Cap):
        return "从台账里数，不用另报；满了的登记不了、批不了，当场说已经有几个。"
    if isinstance(item, Register):
        return "登记一次，有效的、快到期的、还没有的都从台账里看，不用另报。"
    if isinstance(item, Catalogue) and item.of == "disclosures":
        return "从记录里出，审核、审批以后公开；公开一次就算一次，不用另报。"
    if isinstance(item, Hint):
        return "只提示，不算应办，也不计数。"
    return ""


def facts(item: Item, packs: Packs) -> list[Fact]:
    """All there is to know of an item, in the order people ask."""
    lines: Iterator[tuple[str, str]] = iter(())
    if isinstance(item, Duty):
        lines = _of_duty(item, packs)
    elif isinstance(item, ActivityKind):
        lines = _of_activity(item, packs)
    elif isinstance(item, Hint):
        lines = _of_hint(item, packs)
    elif isinstance(item, FieldNote):
        lines = _of_field_note(item)
    elif isinstance(item, PostKind):
        lines = _of_post(item, packs)
    elif isinstance(item, Catalogue):
        lines = _of_catalogue(item)
    elif isinstance(item, AssignmentForm):
        lines = _of_form(item)
    elif isinstance(item, Procedure):
        lines = _of_procedure(item)
    elif isinstance(item, Campaign):
        lines = _of_campaign(item, packs)
    elif isinstance(item, Cap):
        lines = _of_cap(item, packs)
    elif isinstance(item, Register):
        lines = _of_register(item, packs)
    elif isinstance(item, PairKind):
        lines = _of_pair_kind(item, packs)
    elif isinstance(item, Tightening):
        lines = _of_tightening(item, packs)
    return [Fact(label, text) for label, text in lines if text]


def condition(when: Condition, packs: Packs) -> str:
    """设支部委员会，正式党员不少于 7 人，不满足“临时党支部”."""
    found = [_test(test, packs) for test in when.all]
    found += ["或者".join(_test(test, packs) for test in when.any)] if when.any else []
    found += [f"不满足“{_test(test, packs)}”" for test in when.none]
    return "，".join(found)


def _test(test: Test, packs: Packs) -> str:
    known = predicates.get(test.is_)
    constants = {name: _constant(name, value, packs) for name, value in test.with_.items()}
    return known.title.format(**constants)


def _constant(name: str, value: Any, packs: Packs) -> str:
    if name == "post":
        return _post_title(value, packs)
    if name == "group":
        return _entry_title(value, packs)
    if name == "posts":
        return "、".join(_post_title(post, packs) for post in value)
    if name == "fields":
        return "、".join(Field(one).label for one in value)
    return Duration.parse(value).in_words() if isinstance(value, str) else str(value)


def _of_duty(duty: Duty, packs: Packs) -> Iterator[tuple[str, str]]:
    concerned = kinds(duty.applies_to)
    holders = {
        "organization": concerned,
        "party-group": f"{concerned}的各个党小组",
        "post": _post_title(duty.post or "", packs),
        "person": f"{concerned}里的每个人",
        "pair": f"{concerned}里的每个人",
    }
    yield "谁来办", holders.get(duty.holder, "台账的每一行")
    if duty.who:
        yield "哪些人", condition(duty.who, packs) or "全部"
    if duty.with_one_of:
        yield "和谁", _partner(duty.with_one_of, packs)
    yield "多久", duty.in_words()
    yield "到期", "" if duty.day else "最后一天"
    yield "一般放在", _months(duty.preferred)
    if duty.when:
        yield "什么情况下才要办", condition(duty.when, packs)
    done = "、".join(_titles(duty.fulfilled_by, "activities", packs))
    through = {"speaker": "，由本人主讲", "chair": "，由本人主持"}
    if duty.holder == "person":
        through[""] = "，本人到会"
    if duty.holder == "pair":
        through[""] = "，两个人都确认"
    if duty.is_published:
        topics = "、".join(_entry_title(token, packs) for token in duty.fulfilled_by)
        yield "怎样算办了", f"公开一次{topics}，没有提前撤下"
    else:
        yield "怎样算办了", f"记一次{done}{through.get(duty.credited_through or '', '')}"
    yield "必选", "、".join(item.title for item in duty.items if item.required)
    yield "自选", "、".join(item.title for item in duty.items if not item.required)
    yield "什么时候算补记", _grace(duty)
    if duty.refines:
        yield "在哪一条上加的", "、".join(_titles([duty.refines], "duties", packs))


def _partner(partner: Partner, packs: Packs) -> str:
    if not partner.posts:
        return "本支部的任何一名党员"
    where = "上级的" if partner.of == "above" else "本组织的"
    return f"{where}{'、'.join(_post_title(post, packs) for post in partner.posts)}，任一人"


def _of_tightening(item: Tightening, packs: Packs) -> Iterator[tuple[str, str]]:
    for one in item.tighten:
        title = "、".join(_titles([one.item], one.of, packs))
        yield f"{title}：{STRICTER.get(one.field, one.field)}", f"加严到 {said(one.value)}"


def _of_activity(kind: ActivityKind, packs: Packs) -> Iterator[tuple[str, str]]:
    holders = {"organization": "支部", "party-group": "党小组", "pair": "两个人"}
    yield "谁来开", "、".join(holders[holder] for holder in kind.held_by)
    yield "应到", ROLLS[kind.roll]
    yield "一般由谁主持", "、".join(_post_title(post, packs) for post in kind.chaired_by)
    if kind.vote:
        yield "能不能表决", f"到会{_share(kind.vote.attendance)}"
        yield "怎样算通过", f"赞成{_share(kind.vote.majority)}"
    theme = [
        "要写主题" if kind.theme.required else "",
        "计划的主题报上级" if kind.theme.filed_above else "",
        f"{Duration.parse(kind.theme.not_again_within).in_words()}以内重复会提醒"
        if kind.theme.not_again_within
        else "",
    ]
    yield "主题", "；".join(filter(None, theme))
    yield "记成果", "、".join(f"{spec.title}（{spec.unit}）" for spec in kind.outcomes)


def _of_field_note(note: FieldNote) -> Iterator[tuple[str, str]]:
    labels = beside.fields()
    yield "写在", "、".join(f"“{labels.get(place, place)}”旁边" for place in note.fields)
    yield "用于", kinds(note.applies_to)
    yield "写什么", note.text


def _of_hint(hint: Hint, packs: Packs) -> Iterator[tuple[str, str]]:
    yield "对谁", kinds(hint.applies_to)
    yield "什么情况下提示", condition(hint.when, packs)
    yield "提示的话", hint.text
    if hint.is_call_for_help:
        yield "上级看得到吗", "看得到，列在可能需要帮一把的里面"


def _of_post(post: PostKind, packs: Packs) -> Iterator[tuple[str, str]]:
    yield "设在", _seats_of(post)
    yield "不能兼任", "、".join(_post_title(other, packs) for other in post.apart_from)
    yield "是不是委员会成员", "是" if post.in_committee else "不是"
    yield "也叫", "、".join(post.also_called)


CATALOGUES = {
    "member-groups": "党员的类别",
    "consent-purposes": "要本人同意才办的事",
    "leading-posts": "算领导干部的职务",
    "disclosures": "公开哪些事",
}
SCOPES = {
    "society": "向社会公开",
    "party": "向全党公开",
    "unit": "向本地区、本单位公开",
    "people": "向有关的人公开",
}
CADENCES = {
    "month": "每月一次",
    "quarter": "每季度一次",
    "half-year": "每半年一次",
    "year": "每年一次",
    "at-once": "有了就公开",
}


COUNTED = {"year": "", "month": "，数期限那天所在的月", "month-before": "，数期限前一个月"}


def _of_form(form: AssignmentForm) -> Iterator[tuple[str, str]]:
    for spec in form.fields:
        filled = f"系统自动填{COUNTED[spec.known_over]}" if spec.known else ""
        told = [spec.hint, "" if spec.required else "可以不填", filled]
        yield spec.title, "，".join(filter(None, told)) or "必填"
    yield "填一份", f"约 {form.minutes} 分钟"
    if form.stale_after:
        yield "久没进展", f"{Duration.parse(form.stale_after).in_words()}没有新的，就标出来"


def _actor(actor: Actor) -> str:
    match actor.who:
        case "owner":
            who = "责任人"
        case "subject":
            who = "本人"
        case "above":
            named = "、".join(Kind(kind).label for kind in actor.kinds)
            who = f"上级{named or '组织'}"
            if actor.levels > 1:
                who = f"往上第 {actor.levels} 级{named or '组织'}"
        case "field":
            who = "写明的那个组织"
        case "body":
            who = f"本组织的{Kind(str(actor.kind)).label}"
        case "everyone":
            who = f"本组织的每一名{VOTERS[str(actor.roll)]}，都办了才接着办"
        case "requester":
            who = "提出的人，凭查询码"
        case _:
            who = "本组织"
    if not actor.claimed:
        return who
    most = f"，一人同时最多 {actor.claims_at_most} 件" if actor.claims_at_most else ""
    also = "，或者在那里报到的党员、单位" if actor.registered_too else ""
    return f"{who}里认领的人{also}{most}"


VOTERS = {"full-members": "正式党员", "committee": "委员", "others": "会议名册上的人"}


def _of_procedure(procedure: Procedure) -> Iterator[tuple[str, str]]:
    titles = {stage.id: stage.title for stage in procedure.stages} | {"start": "开始"}
    titles |= {_field(spec.id): spec.title for spec in procedure.specs().values()}
    if procedure.known_as:
        yield "不公开", f"在外面叫“{procedure.known_as}”，只有书记、上级和办的人看得到"
    yield "谁能开始", _actor(procedure.starter)
    if procedure.subject:
        yield "说的是谁", procedure.subject.title
        for bar in procedure.subject.bars:
            yield "不能开始", bar.says
    for stage in procedure.stages:
        said = [*_only_where(stage, procedure), *_of_stage(stage, titles)]
        yield stage.title, "；".join([*said, *_by_choice(stage, procedure)])
    if procedure.doorway:
        yield "公开的门", "；".join(_doorway(procedure.doorway))
    for paper in procedure.papers:
        valid = f"，有效 {Duration.parse(paper.valid_for).in_words()}" if paper.valid_for else ""
        yield "出具文书", f"{paper.title}，编成 {paper.numbering.code}〔年〕几号{valid}"
    if procedure.gathers:
        yield "归到一起", "可以把几件归到一件一起办，办结时答复各处"
    if procedure.promises:
        yield "清单和台账", f"“{titles[procedure.promises]}”写的是承诺"
    if procedure.reopening:
        again = "、".join(titles[name] for name in procedure.reopening.to)
        yield "办结以后", f"{_actor(procedure.reopening.actor)}可以重开，从{again}接着办"


def _by_choice(stage: Stage, procedure: Procedure) -> Iterator[str]:
    """水电 24 小时、别的 7 天以内."""
    asked = stage.limit.by_choice if stage.limit else None
    if stage.limit and asked:
        spec = procedure.specs()[asked.field]
        each = "、".join(
            f"{choice.title} {_length(asked.lengths[choice.id], stage.limit.counts)}"
            for choice in spec.choices
            if choice.id in asked.lengths
        )
        yield f"期限看“{spec.title}”：{each}"
    if stage.lapses and (outcome := stage.outcome(stage.lapses)):
        yield f"过了期限没有来，按“{outcome.title}”算"


def _doorway(door: Doorway) -> Iterator[str]:
    """Who comes to it by which ways, who keeps it, and how long."""
    yield "从这些渠道来：" + "、".join(CHANNELS[one] for one in door.channels)
    yield "要填的：" + "、".join(one.label for one in door.asks)
    if door.kept_by:
        yield f"由上级的{Kind(door.kept_by).label}收，只有那里任职的人看得到，说到的人和单位看不到"
    yield f"姓名、电话和内容办结后留 {Duration.parse(door.keeps).in_words()}，到期删"


def _field(name: str | None) -> str:
    """The key of a field's title: a step may have the same id."""
    return f"field:{name}"


def _only_where(stage: Stage, procedure: Procedure) -> Iterator[str]:
    """只在哪一类是中长期时有."""
    specs = procedure.specs()
    for test in stage.when:
        spec = specs[test.field]
        known = {one.id: one.title for one in spec.choices} | {"yes": "是", "no": "否"}
        values = "、".join(known.get(one, one) for one in [*test.among, *test.holds_all])
        if test.filled is None:
            yield f"只在“{spec.title}”是“{values}”的时候有"
        else:
            yield f"只在{'写了' if test.filled else '没有写'}“{spec.title}”的时候有"


def _of_stage(stage: Stage, titles: Mapping[str, str]) -> Iterator[str]:
    """轮到责任人；期限 5 个工作日；报办结，接着核验."""
    yield f"轮到{_actor(stage.actor)}"
    if stage.optional:
        yield "可以不办"
    if stage.actor.apart_from:
        before = "、".join(titles[name] for name in stage.actor.apart_from)
        yield f"不能是办过{before}的人"
    for wait in stage.waits:
        since = titles[wait.after or _field(wait.after_field)]
        length = _length(wait.at_least, wait.counts)
        is_at_once = Duration.parse(wait.at_least).is_nothing
        yield f"不能早于{since}" if is_at_once else f"{since}以后满{length}才能办"
    for one in stage.no_more:
        yield f"{titles[_field(one.field)]}不能多于{titles[_field(one.than)]}"
    for apart in stage.apart:
        far = _length(apart.at_least, "calendar")
        yield f"{titles[_field(apart.field)]}和同一个组织别的一件同一天，或者隔{far}"
    if stage.vote:
        rule = stage.vote.rule
        asked = f"到会{_share(rule.attendance)}，赞成{_share(rule.majority)}"
        yield f"{VOTERS[stage.vote.voters]}表决，{asked}"
    if stage.notice:
        yield f"公示{_length(stage.notice.at_least, stage.notice.counts)}"
    if stage.limit and stage.limit.within:
        since = titles[stage.limit.after] if stage.limit.after else "轮到"
        yield f"从{since}起{_length(stage.limit.within, stage.limit.counts)}以内"
    elif stage.limit and stage.limit.by_field:
        yield "到写明的日子以前"
    for outcome in stage.outcomes:
        after = "、".join(titles[name] for name in outcome.to)
        issued = "，出具文书" if outcome.issues else ""
        yield (
            f"{outcome.title}{issued}，接着{after}"
            if after
            else f"{outcome.title}{issued}，到此为止"
        )


def _of_register(item: Register, packs: Packs) -> Iterator[tuple[str, str]]:
    titles = {HOLDER: "组织"} | {spec.id: spec.title for spec in item.columns}
    yield "谁有", kinds(item.held_by)
    who = "上一级" if item.writer.who == "above" else "本组织，上级也可以"
    posts = f"，只由{'、'.join(item.writer.posts)}" if item.writer.posts else ""
    yield "谁写", f"{who}{posts}"
    readers = "，本组织的党员" if item.readers == "members" else ""
    yield "谁看", f"本组织的书记、委员和上级{readers}"
    yield "写什么", "、".join(spec.title for spec in item.columns)
    yield "不公开的", "、".join(titles[name] for name in item.closed_columns)
    yield "群众看得到", "、".join(titles[name] for name in item.public_columns)
    if item.key:
        same = "、".join(titles[name] for name in item.key)
        yield "不能重的", f"{same}一样的，同一天只能有一行"
    yield "到期", "；".join(_of_ends(item))
    if item.alike:
        same = "、".join(titles[name] for name in item.alike.columns)
        when = {"week": "同一个星期", "month": "同一个月", None: ""}[item.alike.per]
        yield "提示", f"{'、'.join(filter(None, [when, same]))}一样的：{item.alike.says}；不拦着"
    if item.gaps:
        when = condition(item.gaps.when, packs) if item.gaps.when else ""
        there = kinds(item.gaps.kinds or item.held_by)
        yield "哪些组织应有", "，".join(filter(None, [there, when]))
    if item.numbering:
        where = "全县" if item.numbering.scope == "county" else "各组织"
        years = "，每年从 1 号起" if item.numbering.by_year else ""
        yield "编号", f"{item.numbering.code}，{where}连着编{years}"


def _of_cap(item: Cap, packs: Packs) -> Iterator[tuple[str, str]]:
    wordings = find(item.book, "registers", packs)
    register = wordings[-1].item if wordings else None
    assert isinstance(register, Register)
    yield "限谁", kinds(item.applies_to) + ("，合在一起数" if item.together else "，各算各的")
    counted = register.column(register.counted_by)
    titles = {one.id: one.title for one in counted.choices} if counted else {}
    which = "、".join(titles.get(name, name) for name in item.counted)
    yield "数什么", f"“{register.title}”的行{f'，只数{which}' if which else ''}；作废的不数"
    alike = [spec.title for name in item.alike if (spec := register.column(name))]
    yield "怎么数", f"{'、'.join(alike)}一样的放在一起数" if alike else ""
    yield "最多", f"{PER[item.per]} {item.most}"
    column = register.column(item.over_with)
    yield "要超的", f"写明“{column.title}”" if column else "不能超"


def _of_pair_kind(item: PairKind, packs: Packs) -> Iterator[tuple[str, str]]:
    yield "谁登记", kinds(item.kept_by)
    if item.link:
        for label, side in (("谁联系", item.link.who), ("联系谁", item.link.whom)):
            yield label, "，".join(filter(None, _of_side(side, packs)))
        every = item.link.contact_every
        yield "多久联系一次", f"至少 {said(every)}一次，过了的列出来" if every else ""
        yield "怎么联系", "、".join(one.title for one in item.link.channels)
        yield "需要办的话", f"加密存放，留 {said(item.link.keep_needs)}，到期删去"
    if item.rota:
        shifts = "；".join(f"{one.title} {one.starts}-{one.ends}" for one in item.rota.shifts)
        yield "一天几班", shifts or "排的时候写"
        yield "一班几个人", str(item.rota.per_shift)
        yield "两班之间", f"同一个人至少隔 {said(item.rota.rest)}" if item.rota.rest else ""


def _of_side(side: Side, packs: Packs) -> Iterator[str]:
    wordings = find(side.field.book, "registers", packs) if side.field.book else ()
    yield f"台账“{wordings[-1].item.title}”里的" if wordings else side.field.title
    yield condition(side.field.where, packs) if side.field.where else ""
    yield f"一个最多同时 {side.most} 个" if side.most else ""
    yield f"{side.gap}列出来" if side.gap else ""


def _of_ends(item: Register) -> Iterator[str]:
    yield {"open": "登记时不写到哪天", "asked": "有到期日就写", "required": "要写到哪天"}[item.ends]
    if item.longest:
        yield f"最长 {said(item.longest)}"
    if item.warn_before:
        yield f"到期前 {said(item.warn_before)}列为快到期"


def _of_campaign(item: Campaign, packs: Packs) -> Iterator[tuple[str, str]]:
    yield "谁参加", kinds(item.applies_to)
    for batch in item.batches:
        chosen = "发起的时候一个一个选" if batch.by_hand else kinds(batch.applies_to)
        when = condition(batch.when, packs) if batch.when else ""
        yield batch.title, "，".join(filter(None, [chosen, when])) or "其余的单位"
    yield "每个人的项目算哪些人", condition(item.who, packs) if item.who else ""
    for phase in item.phases:
        yield phase.title, "；".join(_of_phase(phase, item))
    for one in item.items:
        yield one.title, "，".join(_of_campaign_item(one, packs))
    for rule in item.make_ups:
        titles = "、".join(one.title for one in item.items if one.id in rule.items)
        how = "、".join(_titles(rule.activities, "activities", packs))
        within = Duration.parse(rule.within).in_words()
        yield (
            f"补：{titles}",
            f"过了期限{within}以内" + (f"，到了{how}就算" if how else "，单位确认"),
        )
    yield "工作机构", "、".join(body.title for body in item.bodies)


def _of_phase(phase: Phase, item: Campaign) -> Iterator[str]:
    if phase.lasts is None:
        yield f"{phase.since} 到 {phase.last_on}"
    else:
        after = Duration.parse(phase.after)
        since = "前面的阶段结束" if phase.look_back else "批次第一天"
        has_gap = after.months or after.days
        yield f"{since}起{f'隔{after.in_words()}，' if has_gap else ''}{_in_words(phase.lasts)}"
    if phase.gate:
        yield _of_gate(phase.gate, phase, item)


def _in_words(length: str) -> str:
    return Duration.parse(length).in_words()


def _of_gate(gate: Gate, phase: Phase, item: Campaign) -> str:
    asked = "、".join(one.title for one in item.asked_before(phase))
    if gate.opener == "unit":
        return f"单位自己开，先办好{asked}"
    return f"由发起的组织开，{gate.share or '全部'}单位先办好{asked}"


def _of_campaign_item(one: CampaignItem, packs: Packs) -> Iterator[str]:
    yield "每个人" if one.per == "person" else "每个单位"
    if not one.required:
        yield "自选"
    if one.activities:
        times = f" {one.times} 次" if one.times > 1 else ""
        yield f"记过{'、'.join(_titles(one.activities, 'activities', packs))}{times}就算"
    elif one.case:
        title = "、".join(_titles([one.case.procedure], "procedures", packs))
        yield f"{title}办结就算"
    else:
        yield "由单位确认"


def _length(text: str, counts: str) -> str:
    length = Duration.parse(text)
    return f"{length.days}个工作日" if counts == "working-days" else length.in_words()


def _of_catalogue(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    yield "是什么目录", CATALOGUES[catalogue.of]
    for entry in catalogue.entries:
        refused = f"不同意的：{entry.otherwise}" if entry.otherwise else ""
        told = disclosed(entry.disclosure) if entry.disclosure else ""
        yield entry.title, " ".join(filter(None, [entry.about, refused, told])) or "没有说明"
    if catalogue.is_exclusive:
        yield "能不能兼", "不能，编进一类就出另一类"


def disclosed(rule: Disclosed) -> str:
    """村（居）委会：向社会公开，每季度一次，至少公布15天。"""
    parts = [SCOPES[rule.scope], CADENCES[rule.cadence]]
    if rule.posted_at_least:
        parts.append(f"至少公布{_length(rule.posted_at_least, rule.posted_counts)}")
    if rule.has_receipts:
        parts.append("看过的签收")
    return f"{kinds(rule.held_by)}：{'，'.join(parts)}。"


def _entry_title(token: str, packs: Packs) -> str:
    """The title of an entry of a catalogue; its token where nothing answers to it."""
    reference, _, entry_id = token.rpartition("/")
    for wording in find(reference, "catalogues", packs)[-1:]:
        if isinstance(wording.item, Catalogue):
            for entry in wording.item.entries:
                if entry.id == entry_id:
                    return entry.title
    return token


def _seats_of(post: PostKind) -> str:
    organizations = [kind for kind in post.of if kind != "party-group"]
    return "、".join(
        filter(None, [kinds(organizations), "党小组" if "party-group" in post.of else ""])
    )


def _titles(references: Iterable[str], kind: str, packs: Packs) -> list[str]:
    """Titles of items, in order, each once; the reference where nothing answers to it."""
    found = []
    for reference in references:
        wordings = find(reference, kind, packs)
        found.append(wordings[-1].item.title if wordings else reference)
    return list(dict.fromkeys(found))


def _post_title(post: str, packs: Packs) -> str:
    for pack in packs.values():
        wordings = pack.items.get(("posts", post))
        if wordings:
            return wordings[-1].item.title
    return post


def _months(preferred: list[int]) -> str:
    if not preferred:
        return ""
    if len(preferred) > 2 and preferred == list(range(preferred[0], preferred[-1] + 1)):
        return f"周期的第 {preferred[0]} 至 {preferred[-1]} 个月"
    return f"周期的第 {'、'.join(map(str, preferred))} 个月"


def _grace(duty: Duty) -> str:
    if duty.entered_within == "P0D":
        return "周期过了再记，算补记，也算办了"
    return f"周期过后 {duty.grace.in_words()}再记，算补记，也算办了"


def _share(spec: ShareSpec) -> str:
    return f"{'超过' if spec.more_than else '达到'}{BASES[spec.of]}的 {spec.share}"
