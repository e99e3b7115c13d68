"""What one does once, by a day: tasks of a meeting, and what is handed down from above.

A **commission** (交办) is issued by an organisation to units below it, or to posts there:
what is asked, until when, on which basis, and the few typed fields of its return. Each unit
gets one **assignment**, the same row as a task of a meeting, so that there is one to-do
list. The unit names two persons, who answers for it and who does it, and gives its
**answer** (回执); the issuer takes it or sends it back as empty, with the reason, and the
row is open again. Nothing given is overwritten: every answer keeps its number.

Before it is sent the issuer sees what it costs those below (fields × units × minutes) and
which fields the system has already; a field that a measure answers comes filled in. Forms
that come back are pack items (``assignment-forms``); the fields are ``core.fields``.

Not here: duties that recur (``duties``), procedures in stages (``cases``).
"""
