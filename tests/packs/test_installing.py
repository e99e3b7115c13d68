"""Two hands: one proposes, another confirms; and what is installed is used."""

from datetime import date

import pytest
from django.db import IntegrityError

from tests import factories
from tests.conftest import NOON
from tests.packs import makers
from tests.packs.makers import DUTY, DUTY_FILE, HEAD, with_file
from zhibu.adoptions import actions as adoptions
from zhibu.core.verdicts import Refused
from zhibu.duties.models import Obligation
from zhibu.ledger import actions as ledger
from zhibu.ledger.models import Entry
from zhibu.packs import actions, command, library, reading
from zhibu.packs.models import StoredPack

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_earnest(settings):
    """No demo: two hands are needed."""
    settings.IS_DEMO = False


@pytest.fixture
def hands(system):
    return {
        "system admin": factories.admin("system-admin"),
        "security admin": factories.admin("security-admin"),
        "audit admin": factories.admin("audit-admin"),
    }


def version(number: str, text: str = DUTY) -> reading.Pack:
    found = with_file("pack.toml", HEAD.replace("1.0.0", number))
    return makers.pack(found | {DUTY_FILE: text})


def installed(hands, pack=None) -> StoredPack:
    stored = actions.propose(pack or makers.pack(), by=hands["system admin"], at=NOON)
    return actions.confirm(stored, by=hands["security admin"], at=NOON)


@pytest.mark.parametrize(
    ("who", "allowed"),
    [("system admin", True), ("security admin", False), ("audit admin", False)],
)
def test_who_may_propose(who, allowed, hands):
    if allowed:
        assert actions.propose(makers.pack(), by=hands[who], at=NOON).state == "held"
    else:
        with pytest.raises(Refused, match="由系统管理员提出"):
            actions.propose(makers.pack(), by=hands[who], at=NOON)
        assert not StoredPack.objects.exists()


@pytest.mark.parametrize(
    ("who", "allowed"),
    [("security admin", True), ("system admin", False), ("audit admin", False)],
)
def test_who_may_confirm(who, allowed, hands):
    stored = actions.propose(makers.pack(), by=hands["system admin"], at=NOON)

    if allowed:
        actions.confirm(stored, by=hands[who], at=NOON)
    else:
        with pytest.raises(Refused):
            actions.confirm(stored, by=hands[who], at=NOON)

    stored.refresh_from_db()
    assert stored.state == ("confirmed" if allowed else "held")


def test_village_secretary_may_do_neither(cast):
    with pytest.raises(Refused):
        actions.propose(makers.pack(), by=cast["secretary"], at=NOON)


def test_same_person_may_not_confirm_what_they_proposed(hands):
    stored = actions.propose(makers.pack(), by=hands["system admin"], at=NOON)
    StoredPack.objects.filter(pk=stored.pk).update(proposed_by=hands["security admin"])

    with pytest.raises(Refused, match="不能确认自己提出的"):
        actions.confirm(stored, by=hands["security admin"], at=NOON)


def test_pack_is_held_until_confirmed(hands, tree):
    stored = actions.propose(makers.pack(), by=hands["system admin"], at=NOON)

    assert "demo/small" not in library.packs()
    with pytest.raises(Refused, match="没有制度包 demo/small"):
        adoptions.adopt(
            pack="demo/small",
            organization=tree.county,
            since=date(2026, 1, 1),
            by=tree.system,
            at=NOON,
        )

    actions.confirm(stored, by=hands["security admin"], at=NOON)
    assert "demo/small" in library.packs()


def test_pack_once_settled_is_not_confirmed_again(hands):
    stored = installed(hands)

    with pytest.raises(Refused, match="已安装"):
        actions.confirm(stored, by=hands["security admin"], at=NOON)


def test_refused_pack_cannot_be_adopted_nor_proposed_again(hands):
    stored = actions.propose(makers.pack(), by=hands["system admin"], at=NOON)

    actions.refuse(stored, by=hands["security admin"], at=NOON)

    assert "demo/small" not in library.packs()
    with pytest.raises(Refused, match="要换版本号"):
        actions.propose(makers.pack(), by=hands["system admin"], at=NOON)


def test_each_hand_is_recorded(hands):
    installed(hands)

    entries = Entry.objects.filter(subject_type="packs.storedpack").order_by("pk")
    assert list(entries.values_list("kind", "by_id")) == [
        ("packs:pack:proposed", hands["system admin"].pk),
        ("packs:pack:confirmed", hands["security admin"].pk),
    ]


@pytest.mark.parametrize("step", ["propose", "confirm"])
def test_nothing_changes_when_recording_fails(step, hands, monkeypatch):
    stored = actions.propose(makers.pack(), by=hands["system admin"], at=NOON)
    steps = {
        "propose": lambda: actions.propose(version("1.0.1"), by=hands["system admin"], at=NOON),
        "confirm": lambda: actions.confirm(stored, by=hands["security admin"], at=NOON),
    }

    def fail(*args, **kwargs):
        raise IntegrityError

    monkeypatch.setattr(ledger, "record", fail)
    with pytest.raises(IntegrityError):
        steps[step]()

    assert list(StoredPack.objects.values_list("version", "state")) == [("1.0.0", "held")]


def test_same_content_proposed_twice_is_one_row(hands):
    first = actions.propose(makers.pack(), by=hands["system admin"], at=NOON)
    second = actions.propose(makers.pack(), by=hands["system admin"], at=NOON)

    assert first == second
    assert StoredPack.objects.count() == 1


def test_changed_pack_with_the_same_version_is_refused(hands):
    installed(hands)

    with pytest.raises(Refused, match="改过内容要换版本号"):
        actions.propose(
            version("1.0.0", DUTY.replace("第二条", "第五条")), by=hands["system admin"], at=NOON
        )


@pytest.mark.parametrize("number", ["0.9.9", "1.0.0", "0.10.0"])
def test_lower_version_does_not_follow_a_higher_one(number, hands):
    installed(hands, version("1.0.1"))

    with pytest.raises(Refused, match="新的版本号要更大"):
        actions.propose(version(number), by=hands["system admin"], at=NOON)


def test_wording_once_in_force_may_not_be_taken_away(hands):
    installed(hands)
    found = with_file("pack.toml", HEAD.replace("1.0.0", "1.1.0"))
    found["duties/assembly/2019-01-01.toml"] = found.pop(DUTY_FILE)

    with pytest.raises(Refused, match=f"少了 {DUTY_FILE}"):
        actions.propose(makers.pack(found), by=hands["system admin"], at=NOON)


def test_shipped_pack_is_not_replaced_by_an_installed_one(hands):
    shipped = library.shipped()["local/quarterly-class"]
    files = {**shipped.files, "pack.toml": shipped.files["pack.toml"].replace("1.0.0", "9.0.0")}
    changed, _ = reading.read(files)

    with pytest.raises(Refused, match="随程序带着"):
        actions.propose(changed, by=hands["system admin"], at=NOON)


def test_pack_with_faults_is_not_stored(hands):
    faulty = makers.pack(with_file("examples/once.toml", None))

    with pytest.raises(Refused, match="还有要改的地方"):
        actions.propose(faulty, by=hands["system admin"], at=NOON)

    assert not StoredPack.objects.exists()


def test_new_version_takes_the_place_of_the_old_one_at_once(hands, tree):
    installed(hands)
    adoptions.adopt(
        pack="demo/small", organization=tree.county, since=date(2026, 1, 1), by=tree.system, at=NOON
    )
    more = version("1.1.0")
    stricter = {
        **more.files,
        "duties/assembly/2026-07-01.toml": DUTY.replace("times = 2", "times = 3"),
    }
    for name in ("twice", "once"):
        stricter[f"examples/{name}.toml"] = stricter[f"examples/{name}.toml"].replace(
            "2026", "2027"
        )
    stricter["examples/twice.toml"] = makers.example(10, 20, 28, side="at", state="done").replace(
        "2026", "2027"
    )

    installed(hands, makers.pack(stricter))

    needed = Obligation.objects.filter(organization=tree.village, duty="assembly")
    by_month = dict(needed.order_by("period_since").values_list("period_since", "required"))
    assert by_month[date(2026, 6, 1)] == 2
    assert by_month[date(2026, 7, 1)] == 3


def test_installed_pack_is_adopted_and_used_after_a_restart(hands, tree, monkeypatch):
    installed(hands)
    monkeypatch.setattr(library, "_parsed", {})

    adoptions.adopt(
        pack="demo/small", organization=tree.county, since=date(2026, 1, 1), by=tree.system, at=NOON
    )

    january = Obligation.objects.get(
        organization=tree.village, pack="demo/small", period_since=date(2026, 1, 1)
    )
    assert january.required == 2


def test_stored_pack_is_parsed_once_by_its_digest(hands, monkeypatch):
    stored = installed(hands)
    monkeypatch.setattr(library, "_parsed", {})
    read = []

    def counted(files):
        read.append(len(files))
        return reading.read(files)

    monkeypatch.setattr(library, "read", counted)

    assert library.packs()["demo/small"] is library.packs()["demo/small"]
    assert read == [len(makers.files())]
    assert list(library._parsed) == [stored.digest]


@pytest.mark.parametrize("number", [1, 3])
def test_library_takes_one_query_once_parsed(number, hands, django_assert_num_queries):
    for patch in range(number):
        installed(hands, version(f"1.0.{patch}"))
    library.packs()

    with django_assert_num_queries(1):
        found = library.packs()

    assert found["demo/small"].meta.version == f"1.0.{number - 1}"


# --- the command


def _folder(tmp_path, found=None):
    folder = tmp_path / "demo" / "small"
    for name, text in (found or makers.files()).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def test_command_installs_by_two_hands(hands, tmp_path, capsys):
    folder = _folder(tmp_path)

    proposed = command.install_pack(folder, confirm=False, by=hands["system admin"])
    assert StoredPack.objects.get().state == "held"
    confirmed = command.install_pack(folder, confirm=True, by=hands["security admin"])

    assert (proposed, confirmed) == (0, 0)
    assert StoredPack.objects.get().state == "confirmed"
    assert capsys.readouterr().out == ("demo/small 1.0.0：等待确认。\ndemo/small 1.0.0 已安装。\n")


def test_command_confirms_nothing_that_was_not_proposed(hands, tmp_path, capsys):
    code = command.install_pack(_folder(tmp_path), confirm=True, by=hands["security admin"])

    assert code == 1
    assert "还没有提出" in capsys.readouterr().out


def test_command_refuses_the_same_hand_twice(hands, tmp_path):
    folder = _folder(tmp_path)
    command.install_pack(folder, confirm=False, by=hands["system admin"])

    with pytest.raises(Refused):
        command.install_pack(folder, confirm=True, by=hands["system admin"])


def test_command_stores_nothing_with_faults(hands, tmp_path, capsys):
    folder = _folder(tmp_path, with_file("CHANGES.md", ""))

    assert command.install_pack(folder, confirm=False, by=hands["system admin"]) == 1
    assert "CHANGES.md：没有写变化" in capsys.readouterr().out
    assert not StoredPack.objects.exists()


def test_demo_installs_at_once(hands, tmp_path, settings):
    settings.IS_DEMO = True

    command.install_pack(_folder(tmp_path), confirm=False, by=hands["system admin"])

    assert "demo/small" in library.packs()
