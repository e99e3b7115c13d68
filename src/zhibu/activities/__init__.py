"""What took place: meetings and other activities, planned, held, confirmed.

Owns activities, who was there, what was decided and how the vote is judged, outcomes in
units, and the filing of themes. Reports to ``duties`` what an activity may count towards,
in its own transaction; follow-ups become rows of ``assignments``.

One sitting may carry several kinds (主题党日 and 党员大会 and 党课). Whose attendance is
expected, and who may vote, is frozen when it is recorded: later changes of the roster do
not change a vote. A correction keeps the version before it and why.
"""
