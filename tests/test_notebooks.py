"""The recipes and the notebooks of the documentation, run against a service over the starter graph on loopback.

`TRIVIUM_TEST_NOTEBOOKS=write pytest tests/test_notebooks.py` writes what the notebooks print and draw into them.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from itertools import pairwise
from typing import Any
from urllib.request import urlopen

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from traitlets.config import Config

from graph.resources import ROOT

NOTEBOOKS = ROOT / "docs" / "notebooks"
PAGE = ROOT / "docs" / "notebooks.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PRIVATE = Config({"KernelManager": {"transport": "ipc"}})
"""Sockets of the file system: nobody else on the machine can talk to the kernel."""
WRITE = os.environ.get("TRIVIUM_TEST_NOTEBOOKS") == "write"


def asked(address: str) -> Any:
    """The JSON at an address."""
    with urlopen(address, timeout=60) as answer:
        return json.load(answer)


def recipes() -> list[tuple[str, str]]:
    """Every block of Python of the page, with the text block that follows it, which is what it prints."""
    blocks: list[tuple[str, str]] = [*BLOCK.findall(PAGE.read_text(encoding="utf-8")), ("", "")]
    return [
        (text, after if kind == "text" else "") for (how, text), (kind, after) in pairwise(blocks) if how == "python"
    ]


def test_the_recipes_print_what_the_page_says(served: str) -> None:
    (address, _), *found = recipes()
    assert address.startswith("SERVICE = ")
    assert len(found) >= 8
    known: dict[str, object] = {"SERVICE": served}
    for code, expected in found:
        with redirect_stdout(StringIO()) as printed:
            exec(compile(code, str(PAGE), "exec"), known)
        assert printed.getvalue() == expected, code


def run(name: str, served: str, *more: str) -> NotebookNode:
    """Run a notebook against a service, with more cells at its end; the cell of parameters gets the address."""
    book: NotebookNode = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    book.cells += [new_code_cell(code) for code in more]
    (parameters,) = [cell for cell in book.cells if "parameters" in cell.metadata.get("tags", ())]
    kept, parameters.source = parameters.source, f"SERVICE = {served!r}"
    NotebookClient(book, timeout=120, kernel_name="python3", config=PRIVATE).execute()
    parameters.source = kept
    return book


def printed(book: NotebookNode) -> list[list[str]]:
    """The texts and tables of each cell, and the word `figure` for a picture: what must not change unnoticed."""
    return [
        [text for output in cell.outputs for text in shown(output)] for cell in book.cells if cell.cell_type == "code"
    ]


def shown(output: NotebookNode) -> Iterator[str]:
    """What a reader sees of an output. A picture is not compared: its bytes differ between versions of the library."""
    if output.output_type == "stream":
        if output.name == "stdout":
            yield output.text
    elif "image/png" in output.data:
        yield "figure"
    else:
        yield output.data["text/plain"]


def settle(book: NotebookNode) -> NotebookNode:
    """The notebook without what differs from run to run: times, and notices such as that fonts are being looked up."""
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)
            cell.outputs = [one for one in cell.outputs if one.get("name") != "stderr"]
    book.metadata.language_info = {"name": "python"}
    return book


def as_kept(name: str, book: NotebookNode) -> None:
    """Compare a notebook that was run, but for its last cell, with the file, or write it there."""
    book.cells.pop()
    if WRITE:
        nbformat.write(settle(book), NOTEBOOKS / f"{name}.ipynb")
    kept = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    assert printed(book) == printed(kept), "what is kept is stale: see how to write it in docs/notebooks.md"
    assert "figure" in [text for texts in printed(kept) for text in texts]


def told(book: NotebookNode) -> Any:
    """The JSON that the last cell prints."""
    (output,) = book.cells[-1].outputs
    return json.loads(output.text)


def test_the_overlap_is_that_of_the_service(served: str) -> None:
    book = run("overlap", served, "import json; print(needed.to_json(orient='split'))")
    table = told(book)
    found = Counter(
        frozenset(sector for sector, needs in zip(table["columns"], row, strict=True) if needs) for row in table["data"]
    )
    answer = asked(f"{served}/shared.json?limit=0")
    slugs = [[sector["iri"].rpartition("/")[2] for sector in row["sectors"]] for row in answer["items"]]
    assert found == Counter(map(frozenset, slugs))
    assert found[frozenset({"archives", "libraries", "museums"})] == asked(f"{served}/shared.json?count=3")["total"] > 0
    as_kept("overlap", book)


def test_the_ranking_is_that_of_the_service_and_its_words_hold(served: str) -> None:
    what = "{'first': first.index.tolist(), 'basis': basis_top, 'ranks': agreement.to_dict('list')}"
    book = run("ranking", served, f"import json; print(json.dumps({what}))")
    table = told(book)
    rows = asked(f"{served}/gaps.json?limit=20")["items"]
    names = {f"{row['competency']['label']}, {row['sector']['label'].lower()}" for row in rows}
    assert set(table["first"]) == names
    *formulas, demand = table["ranks"]["of the top 20"]
    assert min(formulas) >= 15 > 12 > demand, "the words at the end say that the top hardly depends on the formula"
    assert table["basis"] < 20, "the words at the end say that the basis matters at the top"
    as_kept("ranking", book)
