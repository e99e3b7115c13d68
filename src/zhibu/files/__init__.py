"""Attachments: checked, re-encoded, stored by digest; one kind of it for every area.

Owns the bytes and what may be uploaded. Does not own who may see them: the area whose
record a file belongs to answers that through ``files.owners``.
"""
