"""The import wizard: upload, recognised columns, preview, apply, undo. The only one of its kind.

Owns reading hostile and careless files, the batch and its life, and the invisible rows of
a batch that is not applied yet. Does not own what a row means: areas register targets.
"""
