"""Asking the API as one standing, and reading the answer as the table writes it."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client

from tests.api.table import Line
from tests.conftest import NOON, TODAY
from tests.permissions.asking import text_of
from tests.permissions.scene import Scene
from zhibu.accounts.models import User
from zhibu.api import actions
from zhibu.api.models import Token

ROOT = "/api/v1"
LAST = date(2027, 3, 1)
NOWHERE = {"error": "not-found", "reason": "没有找到，或者您看不到。", "basis": "", "faults": {}}
LETTERS = {401: "u", 403: "x", 404: "-", 422: "f"}


@dataclass(frozen=True)
class Answer:
    letter: str
    faults: tuple[str, ...]


def token_for(user: User, *, may_act: bool = True, expires_on: date = LAST) -> str:
    """A new token's secret. Its use of today is noted already: asking writes nothing more."""
    token, secret = actions.make(
        name="测试", may_act=may_act, expires_on=expires_on, by=user, at=NOON
    )
    Token.objects.filter(pk=token.pk).update(last_used_on=TODAY)
    return secret


def tokens_of(scene: Scene) -> dict[str, str]:
    found = {"out": ""}
    for who, key in scene.sessions.items():
        if key:
            number = Session.objects.get(pk=key).get_decoded()[SESSION_KEY]
            found[who] = token_for(User.objects.get(pk=number))
    return found


def client_of(secret: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {secret}"} if secret else {})


def send(client: Client, method: str, path: str, body: Any = None, **headers: str) -> Any:
    address = f"{ROOT}{path}"
    if method == "GET":
        return client.get(address)
    return client.post(
        address, json.dumps(body or {}), content_type="application/json", headers=headers or None
    )


def filled(value: Any, facts: Any) -> Any:
    if isinstance(value, str):
        return value.format_map(facts)
    if isinstance(value, list):
        return [filled(one, facts) for one in value]
    return {k: filled(v, facts) for k, v in value.items()} if isinstance(value, dict) else value


def ask(line: Line, secret: str, scene: Scene) -> Answer:
    with scene.undone() as statements:
        path, body = filled(line.path, scene.facts), filled(line.body, scene.facts)
        response = send(client_of(secret), line.method, path, body)
        text = text_of(response)
    letter = LETTERS.get(response.status_code, "")
    if response.status_code == 200:
        shown = not line.shows or line.shows in text
        done = bool(statements.written) if line.method == "POST" else shown
        letter = "y" if done else "o"
    faults = []
    if statements.written and (line.method == "GET" or letter != "y"):
        faults.append(f"wrote to {statements.written}")
    if letter in "uxf-":
        faults += _of_refusal(letter, response)
    return Answer(letter or str(response.status_code), tuple(faults))


def _of_refusal(letter: str, response: Any) -> list[str]:
    """What a refusal owes: a sentence, the rule's own; nothing of what is not there."""
    said = response.json()
    if letter == "-" and said != NOWHERE:
        return [f"told more than of what is not there: {said}"]
    if letter == "x" and (not said["reason"] or "您没有权限办这件事" in said["reason"]):
        return ["refused without the rule's sentence"]
    if letter == "f" and not all(texts and all(texts) for texts in said["faults"].values()):
        return ["a fault without a word"]
    return [] if said["reason"] else ["no reason"]
