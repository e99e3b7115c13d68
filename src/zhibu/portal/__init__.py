"""The side without accounts: residents read, ask 提诉求, follow 查进度 and rate.

Pages show what ``publishing`` let out, kept by edition; a request is a case with a ``Ticket``
beside it. See ADR 0018.
"""
