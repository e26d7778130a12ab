"""Measure, do not test: how long each question of the catalogue takes at growing sizes of the graph.

`python tests/benchmark_queries.py 50_000 1_000_000` asks every question of `queries/` and `queries/lists/` of the graphs of
`tests/benchmark_publishing.py`, which are grown where they are not there yet, and prints a table. A question is asked
with what it requires, and with an example for every parameter, each once after a first time that warms the files;
the figure is the engine and the terms in Python, without HTTP.
"""

import argparse
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import perf_counter

from benchmark_publishing import grow

from graph.named_query import Catalogue, NamedQuery
from graph.releases import Releases
from graph.resources import QUERIES
from graph.store import Dataset, Rows

SLOW = 1.0  # seconds


def main() -> None:
    """Grow what is not there, and ask."""
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", nargs="+", type=lambda text: int(text.replace("_", "")))
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "trivium-benchmark")
    parser.add_argument("--only", nargs="*", help="the names of questions; without any, all")
    arguments = parser.parse_args()
    for size in arguments.sizes:
        grown = arguments.folder / str(size)
        if not grown.exists():
            grow(grown, size)
        release = Releases(grown).newest()
        assert release is not None
        print(f"\n{release.quads:,} statements\n\n| question | with | rows | seconds |\n|---|---|---|---|", flush=True)
        show(measured(release.dataset(), arguments.only))


def questions() -> Mapping[str, NamedQuery]:
    """Every question and every list, by its address."""
    lists = Catalogue.load(QUERIES / "lists")
    return {**Catalogue.load(QUERIES), **{f"lists/{name}": query for name, query in lists.items()}}


def measured(dataset: Dataset, only: list[str] | None) -> Iterator[tuple[float, str]]:
    """The seconds of each question, and its line of the table."""
    for name, query in questions().items():
        if only and name not in only:
            continue
        examples = {one.name: one.example for one in query.parameters if one.example}
        required = {one.name: examples[one.name] for one in query.parameters if one.required}
        for words, given in {"what is required": required, "every example": examples}.items():
            if words == "every example" and examples == required:
                continue
            query.run(dataset, given)
            begun = perf_counter()
            answer = query.run(dataset, given)
            seconds = perf_counter() - begun
            rows = len(answer) if isinstance(answer, Rows | list) else 1
            yield seconds, f"| `{name}` | {words} | {rows:,} | {seconds:.3f} |"


def show(times: Iterator[tuple[float, str]]) -> None:
    """The lines of the table as they come, and how many are slow."""
    slow = 0
    for number, (seconds, line) in enumerate(times, 1):
        print(line, flush=True)
        slow += seconds > SLOW
    print(f"\n{slow} of {number} take more than {SLOW:g} s", flush=True)


if __name__ == "__main__":
    main()
