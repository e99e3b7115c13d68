"""Pages for whoever doubts: no sign-in, no word about persons, so many looks a minute."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from zhibu.core import rate
from zhibu.core.http import download
from zhibu.ledger import kinds, printed, proofs, publishing, signing
from zhibu.ledger.models import Head, Publication, Way

WITHIN = timedelta(minutes=1)
LOOKS, FILES = 120, 30  # from one address a minute
DAYS = 31
JSON = "application/json"

View = Callable[..., HttpResponse]


def limited(name: str, limit: int) -> Callable[[View], View]:
    """So many looks from one network address within a minute, then 429 in words."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
            address, at = request.META.get("REMOTE_ADDR", ""), timezone.now()
            if rate.is_within(name, address, limit=limit, within=WITHIN, at=at):
                return view(request, *arguments, **named)
            answer = render(request, "ledger/too_many.html", status=429)
            answer["Retry-After"] = "60"
            return answer

        return guarded

    return decorate


@require_safe
@limited("proof", LOOKS)
def proof(request: HttpRequest, key: uuid.UUID, number: int) -> HttpResponse:
    """What the code on a printed record leads to."""
    found = _found(key, number)
    head = _head_of(found)
    context = {
        "found": found,
        "words": kinds.describe(found.entry.kind),
        "sealed": getattr(found.entry, "sealed", None),
        "number": number,
        "head": head,
        "digest": bytes(head.digest).hex() if head else "",
        "sent": sent(head) if head else [],
        "later": proofs.later(found.entry, found.record_type, found.record_id),
    }
    return render(request, "ledger/proof.html", context)


@require_safe
@limited("proof file", FILES)
def proof_file(request: HttpRequest, key: uuid.UUID, number: int) -> HttpResponse:
    """The same as a file for ``tools/check_proof.py``."""
    found = _found(key, number)
    try:
        made = proofs.of_record(found.record_type, found.record_id, entry=found.entry)
    except proofs.NoProof as error:
        raise Http404 from error
    name = f"存证证明-{found.entry.key.hex[:8]}.json"
    return download(proofs.as_text(made).encode(), name=name, content_type=JSON)


def _found(key: uuid.UUID, number: int) -> printed.Found:
    found = printed.find(key, number)
    if found is None:
        raise Http404
    return found


def _head_of(found: printed.Found) -> Head | None:
    sealed = getattr(found.entry, "sealed", None)
    return proofs.covering(sealed.position) if sealed else None


def sent(head: Head) -> list[dict[str, Any]]:
    """Where a head was sent outside, without saying to whom. One query."""
    own = str(publishing.places()[0][1])
    rows = Publication.objects.filter(head=head).exclude(done_at=None).exclude(place=own)
    ways: dict[str, dict[str, Any]] = {}
    for row in rows.order_by("done_at"):
        way = ways.setdefault(row.way, {"way": Way(row.way).label, "places": 0, "at": row.done_at})
        way["places"] += 1
    return list(ways.values())


@require_safe
@limited("heads", LOOKS)
def heads(request: HttpRequest) -> HttpResponse:
    """The heads of the last days as they were sent out, and the keys that signed them."""
    asked = Publication.objects.exclude(done_at=None).values("head")
    rows = Head.objects.filter(number__in=asked).order_by("-number")[:DAYS]
    keys = signing.held()
    context = {
        "heads": [{"head": head, "digest": bytes(head.digest).hex()} for head in rows],
        "keys": list(reversed(keys.public.values())) if keys else [],
    }
    return render(request, "ledger/heads.html", context)
