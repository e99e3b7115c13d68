"""The tree of organisations, dated; party groups, posts and terms.

Owns where an organisation stands, since when, under which name, and which posts it has.
Does not own who holds a post (``people``), nor what an organisation owes (``duties``).

A path is made of fixed-width steps of the organisations' own numbers (``core.paths``).
``Placement`` keeps parent and path over ``[since, until)``; today's path is copied onto
the row and onto rows listed by subtree, and a move rewrites those copies in its own
transaction. Structural changes take the lock of the tree's root.
"""
