"""Uploads larger than the limit are not written to disk in full."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler


class Capped(FileUploadHandler):
    """Stands before the handlers that keep a file and stops feeding them past the limit.

    They end up with a file just larger than ``UPLOAD_LIMIT``, which the form refuses by
    its size; the rest of the request is read and dropped.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start <= settings.UPLOAD_LIMIT else None

    def file_complete(self, file_size: int) -> Any:
        return None
