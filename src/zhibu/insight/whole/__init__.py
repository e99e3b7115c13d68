"""The whole tree evaluated at once: every duty that comes round with the calendar, of every
organisation, group, post and person, in every period, in columns.

A second way to the same obligations, by other means than ``duties``: that one walks
organisation by organisation and counts in Python, this one reads whole columns into DuckDB
and evaluates Ibis expressions over them. Where they differ, the difference is named.

``rules`` compiles packs and adoptions, ``reading`` fetches columns, ``expressions`` says what
is owed and done, ``recount`` runs it and compares. All but this module need the packages of
the extra ``analytics`` (docs/adr/0011): ask ``missing`` before importing them.
"""

from importlib.util import find_spec

INSTALL = "pip install --require-hashes -r requirements/analytics.txt"


def missing() -> str:
    """What to install, in words; "" where everything is there."""
    lacking = [name for name in ("ibis", "duckdb", "pyarrow") if find_spec(name) is None]
    if not lacking:
        return ""
    return f"这一项要用分析用的程序包，还没有装：{'、'.join(lacking)}。请运行 {INSTALL}。"
