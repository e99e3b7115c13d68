"""Money 钱账: books of one purpose each, kept in double entry; pledges, receipts, payments.

Owns books, accounts, entries with their moves, quantities of work, and lists of people to
be paid. Knows organisations and what a book is about by number only. See ADR 0016.
"""
