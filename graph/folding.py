"""How texts are compared: without case and accents, and word by word."""

import re
import unicodedata
from typing import Final

WORD: Final = re.compile(r"\w+")
MARKS: Final = re.compile("[\u0300-\u036f]")
"""Combining marks of Latin, Greek and Cyrillic; those of other scripts are part of their words."""


def folded(text: str) -> str:
    """A text without case and accents (Unicode, compatibility decomposition)."""
    plain = text if text.isascii() else MARKS.sub("", unicodedata.normalize("NFKD", text))
    return plain.casefold()


def folded_words(text: str) -> list[str]:
    """The words of a text, folded, in their order."""
    return WORD.findall(folded(text))
