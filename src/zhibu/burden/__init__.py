"""What may be asked of those below, at most: caps 上限 on what is written into registers.

The path: pack kind ``caps`` (``packs/schema/caps.py``) → ``meaning.py`` → ``queries.py`` counts
rows of the register, nothing is stored here → ``core.caps`` carries the answer down to where a row
is written (``registers``), which refuses what goes beyond, under the lock of the organisation, and
to the step of a case that would write one → views, templates ``burden/`` → tests.
"""
