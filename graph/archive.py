"""ZIP archives, which workbooks are: measured before they are unpacked, and made without a date."""

import io
import re
from struct import error as StructError
from typing import Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError

UNPACKED: Final = 100_000_000  # bytes
RATIO: Final = 100
SAVED: Final = (1980, 1, 1, 0, 0, 0)
MODIFIED: Final = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
UNREADABLE: Final = (
    AttributeError,
    BadZipFile,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    ParseError,
    RuntimeError,
    StructError,
    TypeError,
    ValueError,
    ZlibError,
)
"""What openpyxl and zipfile raise over a file that is not a workbook, or a broken one."""


def danger(body: bytes) -> str | None:
    """Why a file must not be opened: what it unpacks to, or entities, which are not limited."""
    try:
        with ZipFile(io.BytesIO(body)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            if unpacked > UNPACKED or unpacked > RATIO * len(body):
                return f"This workbook unpacks to {unpacked:,} bytes, which is too much: send it in parts, or as CSV."
            if any(b"<!doctype" in archive.read(entry).lower() for entry in archive.infolist()):
                return "A workbook with a DOCTYPE is not taken: save it again with a spreadsheet program."
    except UNREADABLE as error:
        return f"This is not an XLSX workbook ({error}): save it as XLSX, without a password, or as CSV UTF-8."
    return None


def undated(body: bytes) -> bytes:
    """The same archive without the time at which it was made."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(body)) as old, ZipFile(out, "w") as new:
        for entry in old.infolist():
            content = MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z", old.read(entry))
            plain = ZipInfo(entry.filename, SAVED)
            plain.compress_type = entry.compress_type
            new.writestr(plain, content)
    return out.getvalue()
