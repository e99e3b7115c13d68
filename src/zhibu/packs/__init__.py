"""Packs: practices as dated, cited, strictly checked data.

Owns reading, checking, storing and installing packs, and the wording of an item in force
on a day. Knows no tree: which organisation a pack holds for is ``adoptions``' matter, and
what an item means is checked by the area that runs it, through ``packs.meaning``.
"""
