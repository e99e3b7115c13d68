"""Word files: official pages and pack templates. The only area that makes them.

Knows no records: callers hand it headings, paragraphs and rows as text.

* ``pages.Paper``: a page after GB/T 9704-2012, built step by step.
* ``minutes.compose``: the minutes of a meeting.
* ``papers.compose``, ``papers.fill``: numbered papers from templates of packs.
* ``templates``: Word templates of packs, checked and filled.
"""
