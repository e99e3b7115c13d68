"""A word before a long file: how many rows it has and how long it takes to make.

The page stays while the browser waits for the file, so that nobody looks at an empty tab;
it needs no script. A short file comes at once.
"""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from zhibu.core.http import SignedInRequest, query_without

LONG = 10_000  # rows, from which on a file takes longer than a glance
A_SECOND = 8_000  # rows an office machine writes
BEGIN = "begin"


def long_file(request: SignedInRequest, rows: QuerySet[Any]) -> HttpResponse | None:
    """The page that says how long, from which the file begins by itself; None to go ahead.

    One query, none the second time.
    """
    if BEGIN in request.GET:
        return None
    count = rows.count()
    if count < LONG:
        return None
    query = query_without(request, BEGIN)
    context = {
        "count": count,
        "seconds": round(count / A_SECOND) + 1,
        "file": f"?{query}{'&' if query else ''}{BEGIN}=1",
    }
    return render(request, "core/long_file.html", context)
