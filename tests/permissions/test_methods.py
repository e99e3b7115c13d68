"""What holds of every address, whoever asks."""

from tests.permissions.asking import filled, send, text_of
from tests.permissions.scene import Scene
from tests.permissions.table import LINES, Line

POSTS = [line for line in LINES if line.method == "POST"]


def test_a_method_without_a_line_is_not_allowed(scene: Scene) -> None:
    taken: dict[str, set[str]] = {}
    paths: dict[str, str] = {}
    for line in LINES:
        taken.setdefault(line.name, set()).add(line.method)
        paths.setdefault(line.name, line.path)
    signed_in, signed_out = scene.client("secretary"), scene.client("out")

    answers = {
        (name, method): (
            signed_in.generic(method, filled(path, scene)).status_code,
            signed_out.generic(method, filled(path, scene)).status_code,
        )
        for name, path in paths.items()
        for method in {"GET", "POST", "PUT", "DELETE"} - taken[name]
    }

    assert {key: a for key, a in answers.items() if a not in {(405, 405), (405, 302)}} == {}


def test_no_post_gets_through_without_its_token(scene: Scene) -> None:
    got_through = {str(line): seen for line in POSTS if (seen := _without_token(line, scene))}

    assert got_through == {}


def _without_token(line: Line, scene: Scene) -> str:
    """What a POST without a token did, sent by somebody who may, or by anybody where it only
    leads on; "" if it was stopped."""
    who = next((who for who, letter in line.answers.items() if letter == "y"), "member")
    with scene.undone() as statements:
        response = send(scene.client(who, enforce_csrf_checks=True), line, scene)
        is_stale = response.status_code == 403 and "再" in text_of(response)
    return "" if is_stale and not statements.written else f"{response.status_code} for {who}"
