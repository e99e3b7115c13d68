"""Proofs, checked by the program that imports nothing of ours; each field flipped is refused."""

import ast
import copy
import importlib.util
import json
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import NOON
from tests.ledger.test_merkle import by_definition
from zhibu.ledger import actions as ledger
from zhibu.ledger import merkle, proofs, publishing, signing
from zhibu.ledger.models import Entry, Head
from zhibu.notices import actions as notices

TOOL = Path(__file__).parents[2] / "tools" / "check_proof.py"
specification = importlib.util.spec_from_file_location("check_proof", TOOL)
checker = importlib.util.module_from_spec(specification)
specification.loader.exec_module(checker)


def give(by, times=1):
    return [notices.give_feedback(page="/", text="字太小", by=by, at=NOON) for _ in range(times)]


def check(proof, tmp_path, **more):
    file = tmp_path / "proof.json"
    file.write_text(proofs.as_text(proof), "utf-8")
    return checker.check(file, **more)


def holds(proof, trusted=""):
    """0, 1 or 2 of one proof in memory, as the program ends."""
    try:
        _, is_unchecked = checker.check_file(json.loads(json.dumps(proof)), trusted, None)
    except (checker.Wrong, KeyError, ValueError, TypeError, AttributeError, IndexError):
        return checker.BROKEN
    return checker.UNSIGNED if is_unchecked else checker.HELD


@pytest.fixture(params=["sha256", "sm3", "turned"])
def sealed(request, cast, key, settings, monkeypatch):
    """Several heads; in one of three ledgers the algorithm changes half way."""
    monkeypatch.setattr(merkle, "KEPT", 2)
    for number, times in enumerate((3, 1, 6, 2)):
        late = request.param == "sm3" or (request.param == "turned" and number > 1)
        settings.LEDGER_ALGORITHM = "sm3" if late else "sha256"
        rows = give(cast["member"], times)
        ledger.seal(NOON + timedelta(days=number))
    return rows[-1]


def test_checker_imports_nothing_of_ours_and_little_else():
    imported = {
        str(name).split(".")[0]
        for node in ast.walk(ast.parse(TOOL.read_text("utf-8")))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in (
            [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module]
        )
    }

    assert imported - {"cryptography"} <= sys.stdlib_module_names


def test_record_is_proven(sealed, tmp_path):
    said, code = check(proofs.of_record("notices.feedback", sealed.pk), tmp_path)

    assert code == checker.HELD, said
    assert f"notices.feedback:{sealed.pk}" in said[0]
    assert "字太小" not in "".join(said)


def test_content_is_proven_where_it_is_asked_for(sealed):
    proof = proofs.of_record("notices.feedback", sealed.pk, with_content=True)

    assert holds(proof) == checker.HELD
    proof["record"]["content"] = proof["record"]["content"].replace("字太小", "字太大")
    assert holds(proof) == checker.BROKEN


def test_every_entry_is_proven_in_every_head_that_covers_it(sealed):
    from zhibu.ledger.models import Digest

    for entry in Entry.objects.select_related("sealed"):
        digest = Digest.objects.filter(entry_key=entry.key).first()
        if digest is None:
            continue
        for head in Head.objects.filter(size__gt=entry.sealed.position):
            proof = proofs.of_record(digest.subject_type, digest.subject_id, entry=entry, head=head)
            assert holds(proof) == checker.HELD, (entry, head)


def test_every_pair_of_heads_is_consistent(sealed):
    heads = list(Head.objects.order_by("number"))
    for at, old in enumerate(heads):
        for new in heads[at + 1 :]:
            assert holds(proofs.between(old, new)) == checker.HELD, (old, new)


def places(value, path=()):
    """Every single value inside a proof."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from places(part, (*path, name))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from places(part, (*path, number))
    else:
        yield path


def flipped(value):
    if isinstance(value, bool) or value is None:
        return "x"
    if isinstance(value, int):
        return value + 1
    if value == "":
        return "00"
    last = "0" if value[-1] != "0" else "1"
    return value[:-1] + last


def spoilt(proof, path):
    copied = copy.deepcopy(proof)
    place = copied
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = flipped(place[path[-1]])
    return copied


def unnoticed(proof):
    """Fields whose change is not refused."""
    return [path for path in places(proof) if holds(spoilt(proof, path)) == checker.HELD]


def test_every_field_of_a_record_proof_is_held(sealed):
    proof = proofs.of_record("notices.feedback", sealed.pk, with_content=True)

    # Since when a key nobody vouched for is in use is said and not proven.
    assert unnoticed(proof) == [("keys", 0, "since")]


def test_every_field_of_a_growth_proof_is_held(sealed):
    heads = list(Head.objects.order_by("number"))
    proof = proofs.between(heads[1], heads[3])

    assert unnoticed(proof) == [("keys", 0, "since")]


def test_every_field_of_a_statement_is_held(sealed):
    publishing.ask(Head.objects.get(pk=1), NOON)
    statement = json.loads(publishing.statement(Head.objects.get(pk=3)))

    assert statement["after"]["number"] == 1
    assert unnoticed(statement) == []


def test_missing_and_extra_parts_are_refused(sealed):
    proof = proofs.of_record("notices.feedback", sealed.pk)
    for name in proof:
        assert holds({n: v for n, v in proof.items() if n != name}) == checker.BROKEN
    for path in ("digest_path", "entry_path"):
        more = copy.deepcopy(proof)
        more[path]["hashes"].append("00" * 32)
        assert holds(more) == checker.BROKEN
    fewer = copy.deepcopy(proof)
    fewer["entry_path"]["hashes"].pop()
    assert holds(fewer) == checker.BROKEN


def test_proof_by_another_key_is_refused_by_who_trusts_ours(sealed):
    proof = proofs.of_record("notices.feedback", sealed.pk)
    ours = signing.held().current.id
    forger = signing.generate(NOON)
    forged = copy.deepcopy(proof)
    forged["keys"] = [forger.current.as_dict()]
    forged["head"]["key_id"] = forger.current.id
    hash_ = merkle.ALGORITHMS[forged["head"]["algorithm"]]
    digest = hash_(
        checker.HEAD + checker.canonical([forged["head"][n] for n in checker.HEAD_FIELDS])
    )
    forged["head"] |= {
        "digest": digest.hex(),
        "signature": forger.sign(signing.HEAD + digest).hex(),
    }

    assert holds(forged) == checker.HELD  # consistent in itself: somebody's ledger
    assert holds(forged, ours) == checker.BROKEN
    assert holds(proof, ours) == checker.HELD


def test_key_that_ours_vouched_for_is_trusted(sealed, rotate, cast):
    ours = signing.held().current.id
    rotate()
    (row,) = give(cast["member"])
    ledger.seal(NOON)
    proof = proofs.of_record("notices.feedback", row.pk)

    assert proof["head"]["key_id"] != ours
    assert holds(proof, ours) == checker.HELD
    for name in ("endorsement", "since", "endorsed_by"):
        assert holds(spoilt(proof, ("keys", 1, name)), ours) == checker.BROKEN


def test_head_without_a_signature_says_so(cast, key_path):
    (row,) = give(cast["member"])
    ledger.seal(NOON)

    assert holds(proofs.of_record("notices.feedback", row.pk)) == checker.UNSIGNED


def test_without_cryptography_the_rest_is_checked_and_it_is_said(sealed, tmp_path, monkeypatch):
    monkeypatch.setattr(checker, "is_signed", lambda *_: None)

    said, code = check(proofs.of_record("notices.feedback", sealed.pk), tmp_path)

    assert code == checker.UNSIGNED
    assert "签名没有核对" in said[-1]


def test_kept_statement_must_be_the_head_of_the_proof(sealed, tmp_path):
    proof = proofs.of_record("notices.feedback", sealed.pk)
    kept, other = tmp_path / "kept.json", tmp_path / "other.json"
    kept.write_text(publishing.statement(Head.objects.get(pk=proof["head"]["number"])), "utf-8")
    other.write_text(publishing.statement(Head.objects.get(pk=1)), "utf-8")

    assert check(proof, tmp_path, statement=kept)[1] == checker.HELD
    assert check(proof, tmp_path, statement=other)[1] == checker.BROKEN


def test_series_of_statements_is_checked_step_by_step(sealed, tmp_path):
    for head in Head.objects.order_by("number"):
        text = publishing.statement(head)
        publishing.ask(head, NOON)
        (tmp_path / publishing.name_of(text)).write_text(text, "utf-8")

    assert checker.check(tmp_path)[1] == checker.HELD
    files = sorted(tmp_path.glob("*.json"))
    files[1].unlink()
    said, code = checker.check(tmp_path)
    assert code == checker.HELD
    assert "中间缺第 2 个" in "".join(said)
    files[2].write_text(files[2].read_text().replace('"day": "2026', '"day": "2025'))
    assert checker.check(tmp_path)[1] == checker.BROKEN


def test_nothing_sealed_and_nothing_recorded_is_said(cast, key):
    (row,) = give(cast["member"])

    with pytest.raises(proofs.NoProof, match="还没有封存"):
        proofs.of_record("notices.feedback", row.pk)
    with pytest.raises(proofs.NoProof, match="没有存证"):
        proofs.of_record("notices.feedback", 10**6)


def test_proof_hashes_few_leaves_of_a_large_ledger(cast, key, django_assert_max_num_queries):
    (row,) = give(cast["member"])
    ledger.seal(NOON)

    with django_assert_max_num_queries(40):
        proofs.of_record("notices.feedback", row.pk)


# --- the arithmetic, for any size


LEAVES = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70)


def beside(leaves, steps):
    """Hashes beside the way, by the definition alone."""
    return [by_definition(leaves[slice(*step.beside)]) for step in steps]


@given(LEAVES, st.data())
def test_inclusion_of_any_leaf_in_any_tree(leaves, data):
    position = data.draw(st.integers(0, len(leaves) - 1))
    steps = proofs.inclusion_steps(position, 0, len(leaves))
    hashes = beside(leaves, steps)

    def root_of(leaf):
        nodes = ["sha256"] * len(steps)
        return checker.root_with(leaf, position, len(leaves), list(hashes), nodes)

    root = root_of(leaves[position])

    assert root == by_definition(leaves)
    assert len(steps) <= len(leaves).bit_length()
    other = data.draw(st.integers(0, len(leaves) - 1).filter(lambda n: n != position) | st.none())
    if other is not None and leaves[other] != leaves[position]:
        assert root_of(leaves[other]) != root


@given(LEAVES, st.data())
def test_growth_from_any_size_to_any_size(leaves, data):
    old = data.draw(st.integers(1, len(leaves)))
    steps = proofs.growth_steps(old, 0, len(leaves))
    hashes, old_root = beside(leaves, steps), by_definition(leaves[:old])

    def roots_with(hashes):
        nodes = ["sha256" for step in steps if step.node]
        return checker.roots_of_growth(old, old_root, "sha256", len(leaves), list(hashes), nodes)

    assert roots_with(hashes) == (old_root, by_definition(leaves))
    if hashes:
        place = data.draw(st.integers(0, len(hashes) - 1))
        hashes[place] = bytes(b ^ 1 for b in hashes[place])
        assert roots_with(hashes) != (old_root, by_definition(leaves))


@given(st.binary(max_size=300))
def test_both_ways_of_sm3_agree(data):
    assert checker.sm3(data) == merkle.ALGORITHMS["sm3"](data)


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=6))
def test_both_canonical_forms_agree(value):
    try:
        expected = merkle.canonical(value)
    except UnicodeEncodeError:
        return
    assert checker.canonical(value) == expected
