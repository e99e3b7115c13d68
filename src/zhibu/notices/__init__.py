"""Messages to users, and what users tell the operators.

Owns in-app notices and the feedback that every page takes (AF-7) with its answers.
"""
