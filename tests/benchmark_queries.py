"""Measure, do not test: how long each question of the catalogue takes at growing sizes of the graph.

`python tests/benchmark_queries.py 50_000 1_000_000` asks every question of `queries/` and `queries/lists/` of graphs
that `tests/benchmark_publishing.py` grows where they are not there yet, and prints a table. A question is asked with
what it requires, and with an example for every parameter, each once after a first time that warms the files; the figure
is the time of the processor for the engine and for the terms in Python, without HTTP: what else the machine does is not
in it.
"""

import argparse
import runpy
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import process_time

from graph.named_query import Catalogue, NamedQuery
from graph.releases import Releases
from graph.resources import QUERIES
from graph.store import Dataset, Rows

PUBLISHING = Path(__file__).with_name("benchmark_publishing.py")
SLOW = 1.0  # seconds
HEAD = "| question | with | rows | seconds of the processor |\n|---|---|---|---|"


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
            runpy.run_path(str(PUBLISHING))["grow"](grown, size)
        release = Releases(grown).newest()
        assert release is not None
        print(f"\n{release.quads:,} statements\n\n{HEAD}", flush=True)
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
            begun = process_time()
            answer = query.run(dataset, given)
            seconds = process_time() - begun
            rows = len(answer) if isinstance(answer, Rows | list) else 1
            yield seconds, f"| `{name}` | {words} | {rows:,} | {seconds:.3f} |"


def show(times: Iterator[tuple[float, str]]) -> None:
    """The lines of the table as they come, and how many are slow."""
    taken = []
    for seconds, line in times:
        print(line, flush=True)
        taken.append(seconds)
    print(f"\n{sum(seconds > SLOW for seconds in taken)} of {len(taken)} take more than {SLOW:g} s", flush=True)


if __name__ == "__main__":
    main()
