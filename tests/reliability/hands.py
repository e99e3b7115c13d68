"""People at work over HTTP, who note what the server acknowledged and go on when it dies."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Thread
from typing import Any

from tests.reliability.client import Client, Fields, Lost
from tests.reliability.county import PASSWORD, roster

MEETING, TASK, BATCH = r"/activities/(\d+)/", r"/tasks/(\d+)/", r"/imports/(\d+)/"
KIND = "knational/branch-life:general-meeting"


@dataclass
class Acknowledged:
    """What the server said is saved: meetings by version and theme, tasks by state, rosters
    by what was last decided; and how many answers never came."""

    meetings: dict[int, tuple[int, str]] = field(default_factory=dict)
    tasks: dict[int, str] = field(default_factory=dict)
    imports: dict[int, str] = field(default_factory=dict)
    lost: int = 0


class Hand(Thread):
    """Signs in and works until told to stop; ``failed`` says what should not have happened."""

    def __init__(self, base: str, username: str, acknowledged: Acknowledged) -> None:
        super().__init__(daemon=True)
        self.client = Client(base)
        self.username = username
        self.known = acknowledged
        self.told = Event()
        self.failed: list[str] = []
        self._numbers = count(1)

    def run(self) -> None:
        try:
            self._keep_trying(lambda: self.client.sign_in(self.username, PASSWORD))
            while not self.told.is_set():
                self._keep_trying(lambda: self.work(next(self._numbers)))
        except Exception as error:
            self.failed.append(f"{self.username}: {error!r}")

    def _keep_trying(self, step: Callable[[], None]) -> None:
        while not self.told.is_set():
            try:
                step()
            except Lost:
                self.known.lost += 1
                self.told.wait(0.2)
            else:
                break

    def work(self, number: int) -> None:
        raise NotImplementedError

    def end(self) -> None:
        self.told.set()
        self.join(60)
        assert not self.is_alive(), self.username
        assert self.failed == [], self.failed


class Secretary(Hand):
    """Records a meeting, corrects it, gives a task and closes it."""

    def __init__(self, base: str, branch: dict[str, Any], acknowledged: Acknowledged) -> None:
        super().__init__(base, branch["username"], acknowledged)
        self.branch = branch["id"]
        self.people = branch["people"]

    def work(self, number: int) -> None:
        theme = f"第 {number} 次"
        record = f"/activities/record/?organization={self.branch}"
        fields = [*self._meeting(number, theme), *self._follow_up(number)]
        meeting = self.client.post(record, fields).made(MEETING)
        self.known.meetings[meeting] = (1, theme)
        fields = [*self._meeting(number, f"{theme}，更正"), ("reason", "写漏了")]
        self.client.post(f"/activities/{meeting}/correct/", fields).made(MEETING)
        self.known.meetings[meeting] = (2, f"{theme}，更正")
        fields = [("title", theme), ("owner", self.people[2]), ("due_on", "2026-12-01")]
        task = self.client.post("/tasks/new/", fields).made(TASK)
        self.known.tasks[task] = "open"
        self.client.post(f"/tasks/{task}/complete/", [("note", "办好了")]).made(TASK)
        self.known.tasks[task] = "done"

    def _meeting(self, number: int, theme: str) -> Fields:
        chair, recorder, ill = self.people[0], self.people[1], self.people[3]
        return [
            *(("what", KIND), ("starts_at", f"2026-11-{number % 19 + 1:02d}T09:00")),
            *(("place", "村部"), ("theme", theme), ("agenda", "听取工作报告")),
            *(("chair", chair), ("recorder", recorder), ("absent", ill), (f"reason_{ill}", "ill")),
            *(("decision_0", "同意发展计划"), ("yes_0", 18), ("no_0", 1), ("abstain_0", 0)),
        ]

    def _follow_up(self, number: int) -> Fields:
        return [
            ("task_0", f"办第 {number} 件"),
            ("owner_0", self.people[2]),
            ("due_0", "2026-12-01"),
        ]


class Officer(Hand):
    """Uploads a roster, brings it in, takes it back; with the next one where that takes long.

    ``applying`` is set while an import has been ordered and has not been seen to end.
    """

    PATIENCE = 15.0

    def __init__(self, base: str, importer: dict[str, Any], acknowledged: Acknowledged) -> None:
        super().__init__(base, importer["username"], acknowledged)
        self.above = importer["code"]
        self.applying = Event()

    def work(self, number: int) -> None:
        self.applying.clear()
        content = roster(number, self.above)
        answer = self.client.post("/imports/new/", [], ("file", "名册.xlsx", content))
        batch = answer.made(BATCH)
        self.known.imports[batch] = "uploaded"
        if not self._until(batch, "apply"):
            return
        self.client.post(f"/imports/{batch}/apply/", [("door", "everything")]).made(BATCH)
        self.known.imports[batch] = "ordered"
        self.applying.set()
        if not self._until(batch, "undo") or number % 3 == 0:
            return
        self.client.post(f"/imports/{batch}/undo/", []).made(BATCH)
        self.known.imports[batch] = "taken back"

    def _until(self, batch: int, door: str) -> bool:
        """Wait until the page offers ``door``; False where it does not within patience."""
        for _ in range(int(self.PATIENCE / 0.3)):
            if f"/imports/{batch}/{door}/" in self.client.get(f"/imports/{batch}/").text:
                return True
            if self.told.wait(0.3):
                break
        return False
