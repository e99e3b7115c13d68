"""Obligations derived from packs, and what fulfilled them.

Owns obligations (one a holder, duty and period), the credits that activities report, talks
(a day and two people, nothing else), exemptions and explanations. Does not own activities,
nor what a duty says.

From pack to tick
-----------------
1. An adoption holds for an organisation on a day, by where it and its adopter stood then; a
   duty's wording is in force that day, unless it rests on memory alone.
2. For each period of the duty, up to those that begin this year, one *judged day* decides:
   its first day (``judged_on = "start"``; organisation and holder must last through the
   period) or its last. On that day the adoption, the wording, where the organisation stood
   and its kind are looked at: where they do not fit, there is no obligation. Nor is there
   one where a duty in force refines it. Then the conditions: not met, the obligation exists
   and does not apply.
   Groups and posts owe as themselves; a post owes whether or not somebody holds it. People
   owe where they are at home: those who meet ``who`` that day, and, judged at the start, on
   the last day too. Of a pair, each of ``who`` owes one talk with one of those named.
   What is reckoned from a day (a fact, an activity) has a period of its own; a day that
   changes takes its obligation along. What packs above tighten counts from that day on.
3. The due day is the period's last, or the duty's fixed day shifted for holidays. A period
   without the fixed day (no fifth Friday) is due on its last.
4. An activity counts in the period of the day it was held, or, where the recorder says that
   a kind of it makes up an earlier period, in that one and not in its own. It counts once,
   however many of its kinds fit. Required items gate it. What a group holds counts for the
   group and never for the branch; for a post counts what its holder of that day spoke at or
   chaired, anywhere, a stand-in's included; for a person what they were at, spoke at or
   chaired, anywhere; for a pair a talk that both confirmed, where the other side was, on the
   day they talked, one of those named. Counting goes on where nothing is owed.
5. 逾期 = the needed number was not held by the due day. 补记 = it was not entered by the
   period's end (or the due day, if that is later) and the time that the duty leaves for
   entering (``entered_within``). Both are said of what is done, and both count as done.

Obligations are derived: ``refresh`` recomputes them, and an oracle in the tests that knows
only models and packs recomputes them again.
"""
