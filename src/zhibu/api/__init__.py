"""Everything a page reads and does, for programs: ``/api/v1``.

Owns tokens (who a program acts as, how far, until when) and receipts (what was done under
an ``Idempotency-Key``). Knows no rule of its own: an endpoint finds, asks the area's rule,
validates by the area's form and calls the area's action, as the page beside it does.
"""
