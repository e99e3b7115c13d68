"""One county for the whole table: something of everything, and one person a standing.

Built once through the real actions; the rows, the sessions and the files on disk are put
back for every test.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client

from tests import factories, scenes
from tests.conftest import NOON, TODAY
from tests.factories import SINCE, Tree
from tests.imports.sheets import member as roster_row
from tests.imports.sheets import members, organizations
from tests.imports.workbooks import workbook
from tests.portal import opened
from tests.scenes import THEME_DAY, Life
from zhibu.accounts import actions as accounts
from zhibu.accounts.models import User
from zhibu.activities import actions as activities
from zhibu.adoptions.models import Adoption
from zhibu.cases import queries as cases
from zhibu.cases.forms import called
from zhibu.core import jobs as background
from zhibu.imports import actions as imports
from zhibu.imports import checking, jobs, rules, storage
from zhibu.imports.models import Batch
from zhibu.ledger import actions as ledger
from zhibu.ledger import proofs
from zhibu.ledger.models import Digest, Entry
from zhibu.notices import actions as notices
from zhibu.notices.models import Notice, Preference
from zhibu.organizations import actions as structure
from zhibu.organizations.models import Organization
from zhibu.people import actions as people
from zhibu.people.handover import actions as handing
from zhibu.people.models import Handover, Holding, Person
from zhibu.people.rights import actions as rights
from zhibu.portal import asking

PASSWORD = "长河落日圆-1937"
Files = dict[str, SimpleUploadedFile]


@dataclass(frozen=True, eq=False)
class Scene:
    """``facts`` fill addresses and forms; ``sessions`` are keys of sessions, None signed out."""

    facts: Mapping[str, str]
    sessions: Mapping[str, str | None]
    home: Path = field(default_factory=Path)

    def client(self, who: str, **options: Any) -> Client:
        client = Client(**options)
        if key := self.sessions[who]:
            client.cookies[settings.SESSION_COOKIE_NAME] = key
        return client

    @contextmanager
    def undone(self) -> Iterator["Statements"]:
        """What happens inside is taken back, in the database and on disk; what it wrote."""
        seen = Statements()
        with transaction.atomic():
            with connection.execute_wrapper(seen):
                yield seen
            transaction.set_rollback(True)
        if seen.written:
            put_back_files(self.home)


class Statements:
    """Tables written to while this wraps the connection, but for what any visit leaves:
    sessions, sign-ins, and that somebody opened a person's page."""

    OF_A_VISIT = ("django_session", "axes_", "core_tries", "people_opening")

    def __init__(self) -> None:
        self.written: list[str] = []

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        words = sql.replace('"', " ").split()
        verb = words[0].upper() if words else ""
        if verb in {"INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE"}:
            table = words[1] if verb == "UPDATE" else _after(words, {"INTO", "FROM"})
            is_sign_in = words[2:4] == ["SET", "last_login"]
            if not (table.startswith(self.OF_A_VISIT) or is_sign_in):
                self.written.append(table)
        return execute(sql, params, many, context)


def _after(words: list[str], marks: set[str]) -> str:
    """The word after the first of the marks: INSERT OR IGNORE INTO a table."""
    return next(following for word, following in pairwise(words) if word.upper() in marks)


def put_back_files(home: Path) -> None:
    """The files as they were when the scene was built."""
    for name in ("imports", "media"):
        shutil.rmtree(home / name, ignore_errors=True)
        shutil.copytree(home / "as-built" / name, home / name)


def build(home: Path) -> Scene:
    """The whole scene, from an empty database."""
    tree = factories.small_tree(accounts.ensure_system_account(NOON))
    cast = factories.cast_for(tree)
    life = scenes.live(tree, cast)
    who = _standings(tree, cast)
    facts = _facts(life, who)
    for user in filter(None, who.values()):
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    newcomer = factories.member(tree.far, by=tree.system, name="新来的")
    account, code = accounts.issue(
        person_id=newcomer.pk, name="新来的", wanted="newcomer", path=tree.far.path,
        organization=tree.far.pk, by=tree.system, at=NOON,
    )  # fmt: skip
    applicant = who["applicant"]
    assert applicant
    facts |= {"newcomer": account.username, "code": code, "password": PASSWORD}
    facts["login"] = applicant.username
    secretary, committee = cast["secretary"], cast["committee member"]
    assert secretary and committee
    shown = opened.notice(tree.village, proposer=committee, checker=secretary, by=tree.system)
    facts["open_notice"] = str(shown.pk)
    background.beat("worker", NOON)
    sessions = {name: _session(user) for name, user in who.items()}
    for name in ("imports", "media"):
        shutil.copytree(home / name, home / "as-built" / name, dirs_exist_ok=True)
    return Scene(facts, sessions, home)


def _standings(tree: Tree, cast: Mapping[str, User | None]) -> dict[str, User | None]:
    """Who stands how towards the first village branch, in the order of the table."""
    by = tree.system
    plain = factories.account(factories.member(tree.village, by=by, name="纪淑珍"))
    general = factories.holder(
        tree.inner, tree.general, "committee-officer", by=by, title="总支书记", name="章国安"
    )
    applicant = factories.account(
        factories.member(tree.far, by=by, name="申请人", state="applicant")
    )
    return {
        "secretary": cast["secretary"],
        "committee": cast["committee member"],
        "member": plain,
        "leader": cast["member"],
        "township": cast["township officer"],
        "county": cast["county officer"],
        "sibling": cast["sibling secretary"],
        "general": general,
        "far": cast["stranger secretary"],
        "west": cast["other township officer"],
        "stranger": cast["stranger member"],
        "former": _former_secretary(tree),
        "applicant": applicant,
        "system": cast["system admin"],
        "security": cast["security admin"],
        "audit": cast["audit admin"],
        "out": None,
    }


def _former_secretary(tree: Tree) -> User:
    """Was secretary of the village branch; belongs to a branch elsewhere since October."""
    user = factories.holder(
        tree.village, tree.village, "branch-secretary", by=tree.system, title="前任书记"
    )
    person, left = scenes.person_of(user), date(2026, 10, 1)
    holding = Holding.objects.get(person=person)
    people.end_holding(holding, on=left, by=tree.system, at=NOON)
    people.place(person, organization=tree.far, since=left, by=tree.system, at=NOON)
    return user


def _facts(life: Life, who: Mapping[str, User | None]) -> dict[str, str]:
    tree, secretary, officer = life.tree, who["secretary"], who["township"]
    assert secretary and officer and who["leader"]
    village = tree.village
    bare = structure.form_group(village, name="第三党小组", since=SINCE, by=tree.system, at=NOON)
    vacancy = structure.make_post(
        village, kind="group-leader", title="组长", role="group-leader", since=SINCE,
        group=life.empty_group, by=tree.system, at=NOON,
    )  # fmt: skip
    unfiled = activities.plan(
        village,
        scenes.draft(f"{THEME_DAY}:theme-day", day=date(2026, 12, 18), theme="植树"),
        by=secretary,
        at=NOON,
    )
    notices.notify([secretary.pk], key="1", title="县里来信", at=NOON, url="/today/")
    asked, applied = _imports(officer)
    owed = life.obligation
    secretarys = rights.ask_correction(
        scenes.person_of(secretary), about="address", text="搬到二组", by=secretary, at=NOON
    )
    ledger.seal(NOON)
    rows = {
        "public": life.public, "notice_posting": life.notice, "voice": life.voice,
        "proposed": life.proposed, "vetted": life.vetted, "agreed": life.agreed,
        "posted_rule": life.posted_rule,
        "village": village, "east": tree.east, "county": tree.county,
        "group": life.group, "empty_group": life.empty_group, "bare_group": bare,
        "post": life.empty_post, "vacancy": vacancy,
        "holding": life.holding, "secretarys_holding": Holding.objects.get(
            person=secretary.person_id, ended_on=None
        ),
        "person": life.person, "member": scenes.person_of(who["member"]),
        "leader": scenes.person_of(who["leader"]), "officer": scenes.person_of(officer),
        "talk": life.talk, "silent_talk": life.silent_talk, "proposal": life.proposal,
        "planned": life.planned, "held": life.held, "confirmed": life.confirmed,
        "unfiled": unfiled, "filing": life.filing, "task": life.task,
        "commission": life.commission, "meeting": life.meeting, "guidance": life.guidance,
        "handed": life.handed, "given": life.given,
        "drive": life.drive, "begun": life.begun, "over": life.over, "unit": life.unit,
        "other_unit": life.other_unit, "confirmed_item": life.confirmed_item, "gate": life.gate,
        "own_gate": life.own_gate, "begun_unit": life.begun_unit,
        "staff": life.over.staff.get(), "general": life.tree.general,
        "case": life.case, "turn": life.case.turns.open().get(), "struck": life.struck,
        "letter": life.letter, "row": life.row, "venue": life.venue,
        "ticket": life.ticket,
        "pooled": life.pooled,
        "link": life.link, "contact": life.contact, "rota": life.rota,
        "my_turn": life.my_turn, "offered_turn": life.offered_turn, "past_turn": life.past_turn,
        "household": scenes.household(village, "西头王家", by=secretary, at=NOON),
        "secretarys_person": scenes.person_of(secretary),
        "book": life.book, "posted": life.posted, "work": life.work, "claim": life.claim,
        "reading": life.reading,
        "read_turn": life.reading.turns.get(person=who["leader"].person_id),
        "room": life.room, "quiet": life.quiet, "quiet_turn": life.quiet.turns.get(),
        "objection": life.room.objections.get(), "posting": life.room.postings.get(),
        **{f"{turn.stage}_turn": turn for turn in life.room.turns.open()},
        "common": life.common, "common_owner": life.common.owner,
        "owed": owed, "freed": life.exempted, "countys_pack": life.adoption,
        "easts_pack": Adoption.objects.get(pack=THEME_DAY), "attachment": life.attachment,
        "feedback": life.feedback, "report": life.report, "filter": life.kept_filter,
        "token": life.token,
        "notice": Notice.objects.get(title="县里来信"),
        "webhook": life.webhook, "delivery": life.delivery,
        "asked": asked, "applied": applied,
        "twin": life.twin, "other_twin": life.other_twin, "guest": _guest(tree),
        "general_officer": scenes.person_of(who["general"]),
        "far_member": scenes.person_of(who["stranger"]),
        "correction": life.correction, "secretarys_correction": secretarys,
        "handover": life.handover, "groups_handover": _groups_handover(life, who),
        "entry": _entry_at(village), "countys_entry": _entry_at(tree.county),
    }  # fmt: skip
    question = asking.new()
    entry, number = proofs.latest(activities.SOURCE, life.confirmed.pk)
    return {name: str(row.pk) for name, row in rows.items()} | {
        "tied": cases.number(life.room.links.get().other),
        "struck_called": called(life.struck),
        "key": str(entry.key),
        "ticket_code": life.ticket_code,
        "sum_seal": question.seal,
        "sum_total": str(question.one + question.two),
        "number": str(number),
        "feed_secret": life.feed_secret,
        "column": f"{owed.pack}:{owed.duty}@{owed.period_since}",
        "mail_code": _mail_code(secretary),
        "village_code": village.code,
        "general_code": tree.general.code,
        "far_code": tree.far.code,
    }


def _mail_code(user: User) -> str:
    """The code that confirms the address where ``user`` wants mail."""
    row = Preference(user=user, chosen_at=NOON, code_until=NOON + timedelta(days=1))
    row.address, row.code = "secretary@example.org", "27182818"
    row.save(force_insert=True)
    return row.code


def _guest(tree: Tree) -> Person:
    """At home in the village branch, a guest of the branch far away."""
    guest = factories.member(tree.village, by=tree.system, name="杨巧云", phone="13900000001")
    people.host(guest, organization=tree.far, since=SINCE, by=tree.system, at=NOON)
    return guest


def _groups_handover(life: Life, who: Mapping[str, User | None]) -> Handover:
    """The party group goes from its leader to the plain member."""
    successor, secretary = scenes.person_of(who["member"]), who["secretary"]
    assert secretary
    return handing.draw_up(life.holding, successor=successor, since=TODAY, by=secretary, at=NOON)


def _entry_at(organization: Organization) -> Entry:
    """A sealed entry about a record of the organisation."""
    proven = Digest.objects.values("entry_key")
    rows = Entry.objects.filter(organization_id=organization.pk, key__in=proven)
    return rows.exclude(sealed=None).order_by("pk")[0]


def _imports(officer: User) -> tuple[Batch, Batch]:
    """Two rosters of the township: one waits for a decision, one was brought in."""
    ground = rules.grounds(officer)[0]
    made = []
    for name, rows in (
        ("后村名册.xlsx", [["H1", "后村党支部", "党支部", "", "1960-01-01", ""]]),
        ("河村名册.xlsx", [["H2", "河村党支部", "党支部", "", "1960-01-01", ""]]),
    ):
        faulty = members(roster_row(姓名="孟和", 性别="?"))
        content = workbook(organizations(*rows), faulty)
        batch = imports.begin(
            file_name=name, file_digest=checking.digest_of(content), ground=ground,
            by=officer, at=NOON,
        )  # fmt: skip
        storage.put(batch, "workbook", content)
        jobs.check_now(batch, by=officer)
        made.append(batch)
    made[1].clean_only = True
    jobs.apply_now(made[1], by=officer)
    return made[0], made[1]


def _session(user: User | None) -> str | None:
    if user is None:
        return None
    client = Client()
    client.force_login(user)
    client.get("/accounts/roles/")  # the session is stamped on its first visit
    return client.cookies[settings.SESSION_COOKIE_NAME].value
