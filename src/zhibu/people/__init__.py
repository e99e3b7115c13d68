"""Persons, membership states, where they belong, and the posts they hold.

Owns who a person is and what they were when. A person may exist without membership.
Holdings of posts answer ``core.standing``: which roles a user holds over which paths.
Identity number, phone and address are sealed; exact search goes through keyed hashes,
names through an index of their suffixes, pinyin and initials (``names``).
"""
