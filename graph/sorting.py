"""Lines in order, however many: sorted in parts, which are written to files and merged."""

import heapq
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Final

AT_ONCE: Final = 100_000  # lines in memory: about 30 MB of N-Quads


def sorted_lines(lines: Iterable[bytes], folder: Path, at_once: int = AT_ONCE) -> Iterator[bytes]:
    """The lines by their bytes, which in UTF-8 is the order of code points; `folder` keeps the parts meanwhile."""
    waiting, parts = iter(lines), list[Path]()
    while part := sorted(islice(waiting, at_once)):
        parts.append(folder / f"part-{len(parts)}")
        with parts[-1].open("wb") as file:
            file.writelines(part)
        del part
    with ExitStack() as opened:
        yield from heapq.merge(*(opened.enter_context(path.open("rb")) for path in parts))
    for path in parts:
        path.unlink()
