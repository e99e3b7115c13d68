"""Zip files that others made: what reading one may raise."""

import lzma
import struct
import zipfile
import zlib

# A damaged archive raises more than ``BadZipFile``: the reader believes the places, lengths,
# names, methods and flags written inside, and falls over them one by one.
BROKEN: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    KeyError,
    OSError,
    RuntimeError,
    ValueError,
)
