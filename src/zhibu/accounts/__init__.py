"""Users, sessions and the catalogue of roles.

Owns who may sign in and how, and what each role grants. Does not own who holds a role
where: that is answered from holdings of posts (area ``people``) through
``core.standing``. A user is tied to a person by number; nobody must have an account.
"""
