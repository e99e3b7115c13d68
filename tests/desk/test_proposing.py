"""A pack gets in by two hands on the page, after its examples have been played."""

import zipfile
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import factories
from tests.packs import makers
from zhibu.desk.models import Trial
from zhibu.desk.tasks import run_examples
from zhibu.packs import library
from zhibu.packs.models import StoredPack
from zhibu.packs.reading import files_of_zip

pytestmark = pytest.mark.alike

LIST = "/admin/packs/"


@pytest.fixture(autouse=True)
def _in_earnest(settings, clock):
    settings.IS_DEMO = False


@pytest.fixture
def hands(tree):
    return {name: factories.admin(name) for name in
            ("system-admin", "security-admin", "audit-admin")}  # fmt: skip


def zipped(files, folder="small/"):
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(folder + name, text)
    return made.getvalue()


def upload(client, files):
    content = zipped(files)
    return client.post(LIST, {"file": SimpleUploadedFile("small.zip", content)})


def proposed(client, hands, files=None):
    client.force_login(hands["system-admin"])
    upload(client, files or makers.files())
    return StoredPack.objects.get()


def played(stored):
    run_examples.call(stored.trial.pk)
    return Trial.objects.get()


def test_uploaded_played_confirmed_and_there(hands, client):
    stored = proposed(client, hands)
    page = f"{LIST}{stored.pk}/"
    assert "新的一条" in client.get(page).content.decode()
    client.force_login(hands["security-admin"])
    assert client.post(f"{page}confirm/").status_code == 403  # examples first

    trial = played(stored)

    assert (trial.done, trial.total, trial.differences) == (2, 2, [])
    assert "全部和写的一样" in client.get(page).content.decode()
    client.post(f"{page}confirm/")
    assert "demo/small" in library.packs()


def test_an_example_that_comes_out_otherwise_stops_it(hands, client):
    files = makers.files()
    files["examples/once.toml"] = files["examples/once.toml"].replace("overdue", "done")
    stored = proposed(client, hands, files)

    assert [title for title, _ in played(stored).differences] == ["一月开了 1 次"]

    client.force_login(hands["security-admin"])
    assert client.post(f"{LIST}{stored.pk}/confirm/").status_code == 403
    assert "应是 已办，实际 未办" in client.get(f"{LIST}{stored.pk}/").content.decode()
    client.post(f"{LIST}{stored.pk}/refuse/")
    assert "demo/small" not in library.packs()


def test_playing_goes_on_where_it_stopped_and_leaves_nothing(hands, client):
    stored = proposed(client, hands)
    Trial.objects.update(done=1)

    assert played(stored).done == 2
    assert not library.packs().get("demo/small")


def test_faults_are_all_shown_and_nothing_is_kept(hands, client):
    client.force_login(hands["system-admin"])
    files = makers.with_file(makers.DUTY_FILE, makers.DUTY.replace("month", "fortnight"))

    text = upload(client, files).content.decode()

    assert "处要改，没有装上" in text and makers.DUTY_FILE in text
    assert not StoredPack.objects.exists()


@pytest.mark.parametrize("content", [b"", b"no zip", zipped({"pack.toml": "x" * 300_000})])
def test_what_is_no_pack_is_said_plainly(content, hands, client):
    client.force_login(hands["system-admin"])

    answer = client.post(LIST, {"file": SimpleUploadedFile("a.zip", content)})

    assert answer.status_code == 200
    assert not StoredPack.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"),
    [("system-admin", 200), ("security-admin", 200), ("audit-admin", 404)],
)
def test_who_sees_the_page(who, status, hands, client):
    client.force_login(hands[who])

    assert client.get(LIST).status_code == status


def test_the_hand_that_confirms_does_not_propose(hands, client):
    client.force_login(hands["security-admin"])

    upload(client, makers.files())

    assert not StoredPack.objects.exists()


def test_the_hand_that_proposes_does_not_confirm(hands, client):
    stored = proposed(client, hands)
    played(stored)

    assert client.post(f"{LIST}{stored.pk}/confirm/").status_code == 403


@pytest.mark.parametrize("folder", ["", "small/", "a/b/"])
def test_a_zip_of_the_folder_or_of_its_files_reads_the_same(folder):
    files = makers.files()

    assert files_of_zip(zipped({**files, ".DS_Store": "x"}, folder)) == files


def test_who_confirms_reads_how_examples_went_step_by_step(hands, client):
    shipped = library.shipped()["seeds/rectification"].files
    files = {name: text.replace("seeds/rectification", "demo/rectify")
             for name, text in shipped.items()}  # fmt: skip
    stored = proposed(client, hands, files)

    trial = played(stored)

    examples = [name for name in files if name.startswith("examples/")]
    assert len(trial.story) == trial.total == len(examples)
    page = client.get(f"{LIST}{stored.pk}/").content.decode()
    assert "一步一步看：报措施、改好、上级核验，销号" in page
    assert "接着：整改，轮到示例党员2，2026-11-18 前" in page
    assert "没办成：who：不能办：前面是您经办的" in page
