"""The county campaign of commitments: 1,854 of organisations, 4,094 of members (S000-02).

python benchmarks/commitments.py [ORGANISATIONS] [MEMBERS]

31 committees, 450 branches, 6,000 members. Two filled tables are read, judged and begun as the
page does it, a part of 100 at a time; then every case is vetted, hung for a day, done and found
done by the single actions, as many as the material says were kept; then the figures are counted
and opened. Wall seconds and this process's own. Target: beginning all at most 30 s, an entry of
the ledger each, no part longer than 1 s of the lock.
"""

import sys
import time

from rig import figures, homes

ORGANISATIONS, MEMBERS = 1_854, 4_094


def main(organisations: int, members: int) -> None:
    home = homes.inside()
    from django.utils import timezone

    from tests.cases import promising
    from tests.cases.promising import KEPT, LOOKED, MADE, MEMBER, ORGANIZATION
    from zhibu.accounts.actions import ensure_system_account
    from zhibu.cases import at_once
    from zhibu.cases.actions import Kind
    from zhibu.core import once
    from zhibu.insight.counting import counted
    from zhibu.insight.queries import windows
    from zhibu.insight.questions import Question
    from zhibu.insight.scopes import scope_of
    from zhibu.insight.subjects import SUBJECTS
    from zhibu.ledger.models import Entry

    rows, parts = [], []

    def timed(title, count, function):
        began, own = time.perf_counter(), time.process_time()
        found = function()
        wall, own = time.perf_counter() - began, time.process_time() - own
        rows.append([title, count, f"{wall:.1f}", f"{own:.1f}"])
        return found

    begin_part = at_once.start_many

    def part(*given, **named):
        began = time.perf_counter()
        made = begin_part(*given, **named)
        parts.append(time.perf_counter() - began)
        return made

    at_once.start_many = part
    asked = {ORGANIZATION: organisations, MEMBER: members}
    kept = {name: round(KEPT[name] * count / MADE[name]) for name, count in asked.items()}
    system = ensure_system_account(timezone.now())
    county = promising.build(promising.COMMITTEES, promising.BRANCHES, 6_000, system=system)
    tables = {name: promising.table(county, name, count) for name, count in asked.items()}
    everything = timed(
        "read, judge and begin", sum(asked.values()),
        lambda: {name: promising.begin(county, name, tables[name]) for name in asked},
    )  # fmt: skip
    entries = Entry.objects.filter(kind=Kind.STARTED).count()
    assert entries == sum(asked.values()), entries
    cases = [(name, n, case) for name, made in everything.items() for n, case in enumerate(made)]
    timed(
        "vet, post, publish (3 steps each)", len(cases),
        lambda: [promising.publish(case, by=county.officer) for _, _, case in cases],
    )  # fmt: skip
    done = [case for name, n, case in cases if n < kept[name]]
    timed(
        "deliver, check (2 steps each)", len(done),
        lambda: [promising.keep(case, by=county.officer, checked_by=county.checker)
                 for case in done],
    )  # fmt: skip
    subject = SUBJECTS["promises"]
    scope = scope_of(county.top, windows(LOOKED)["year"])
    question = Question(subject, subject.dimensions[0], None, scope, "year")
    with once.one_request():
        found = timed("count kept of made", len(cases), lambda: counted(question).found)
    figures.table(
        f"Commitments of a county, {home.engine}; the longest part {max(parts):.2f} s (target 1)",
        ["what", "cases", "wall, s", "own, s"], rows,
    )  # fmt: skip
    figures.table(
        "Kept of made", ["kind", "kept", "made", "share"],
        [[name, one.count, one.total, one.percent] for (name, _), one in sorted(found.items())],
    )  # fmt: skip


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:]]
    main(*(numbers + [ORGANISATIONS, MEMBERS][len(numbers) :]))
