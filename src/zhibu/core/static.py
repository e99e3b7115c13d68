from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed and compressed names; an uncollected name is served plain (tests, first start)."""

    manifest_strict = False
