"""The checksums of a release, as `sha256sum --check SHA256SUMS` reads them.

The engine opens a store whose manifest was cut short without a word, and notices a changed bit in an index only when
a query comes across it. So a release says the SHA-256 of each of its files.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

NAME: Final = "SHA256SUMS"
COVERED: Final = (
    "release.json",
    "store/*",
    "coverage/*",
)  # of a release; what is made of it later, its dumps, has sums of its own
LARGE: Final = ".sst"  # tables: each has its length in the manifest of the engine, and a sum for each block
Sums = Mapping[str, str]  # the SHA-256 by the name of the file, relative to the folder


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sums_of(folder: Path, before: Path | None = None) -> Sums:
    """The sum of every file of a release; those that are one file with what `before` holds have the sum they had."""
    known = _known(before) if before else {}
    return {name: _sum(folder, name, before, known) for name in _names(folder)}


def write(folder: Path, sums: Sums) -> None:
    """Write down the sums of a release."""
    (folder / NAME).write_text("".join(f"{sums[name]}  {name}\n" for name in sorted(sums)), encoding="utf-8")


def read(folder: Path) -> Sums:
    """The sums of a release. Raises OSError and ValueError if they cannot be read."""
    lines = (folder / NAME).read_text(encoding="utf-8").splitlines()
    return {name: one for one, name in (line.split("  ", 1) for line in lines)}


def faults(folder: Path, whole: bool = True) -> list[str]:
    """What is wrong with the files of a release; unless `whole`, the large ones are only looked for."""
    try:
        sums = read(folder)
    except (OSError, ValueError) as error:
        return [f"{NAME} cannot be read ({error})"]
    unknown = [f"{name} is not in {NAME}" for name in _names(folder) if name not in sums]
    return unknown + [fault for name in sums if (fault := _fault(folder / name, sums[name], whole)) is not None]


def _fault(path: Path, expected: str, whole: bool) -> str | None:
    if not path.is_file():
        return f"{path.name} is missing"
    if (whole or path.suffix != LARGE) and sha256(path) != expected:
        return f"{path.name} was changed"
    return None


def _sum(folder: Path, name: str, before: Path | None, known: Sums) -> str:
    if before and name in known and (before / name).exists() and (folder / name).samefile(before / name):
        return known[name]
    return sha256(folder / name)


def _known(folder: Path) -> Sums:
    try:
        return read(folder)
    except (OSError, ValueError):
        return {}


def _names(folder: Path) -> list[str]:
    found = [path for pattern in COVERED for path in folder.glob(pattern)]
    return sorted(path.relative_to(folder).as_posix() for path in found if path.is_file())
