"""Ledgers that organisations keep, with columns of a pack: 台账.

A **row** belongs to an organisation and holds over ``[since, until)``. What it is now (valid,
running out, run out, not begun) is told by its days; it is **ended** or **voided** by somebody,
with a reason, and **corrected** with the version before kept. No two rows of one key hold on the
same day. Who ought to have a row and has none is asked of the tree (gaps). See ADR 0015.

Not here: what runs in stages (``cases``; an outcome may open or end a row by effect), posts and
their holders (``people``), what was issued under a number (papers of ``cases``).
"""
