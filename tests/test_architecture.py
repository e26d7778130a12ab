"""The rooms of the house, and who may import whom."""

import ast
from pathlib import Path

import pytest

from graph.resources import ROOT

# Each module may import those of the layers before its own, and none of its own layer or later.
LAYERS = (
    ("errors", "namespaces", "resources", "dates", "tables", "progress"),
    ("store", "report", "confinement", "guard", "fair_use", "parameters", "piped_process"),
    ("query_frames", "serialisation", "schema", "vocabulary", "releases", "jsonld", "people", "ownership"),
    ("query_answer", "query_process", "data_graph"),
    (
        "query_worker",
        "query_pool",
        "named_query",
        "validation",
        "entailment",
        "field",
        "tabular",
        "context",
        "shacl_report",
    ),
    ("templates", "json_rows", "archive"),
    ("workbook",),
    ("query_check", "gaps", "parsing", "correction"),
    ("derivation", "contribution", "journal", "data_folder", "examination"),
    ("provenance", "examination_worker", "examiners"),
    ("publication",),
    ("starter", "publisher"),
)
RANK = {module: rank for rank, layer in enumerate(LAYERS) for module in layer}


def imported(path: Path) -> set[str]:
    """The modules that a file imports, outside of blocks for the type checker."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    quiet = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for node in ast.walk(block)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in quiet:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{name.name}" for name in node.names}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return found


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("path", modules("graph"), ids=lambda path: path.stem)
def test_graph_imports_only_from_earlier_layers(path: Path) -> None:
    for name in imported(path):
        room, _, module = name.partition(".")
        assert room != "service", f"{path.name} imports {name}: graph/ never imports service/"
        if room == "graph" and module in RANK:
            assert RANK[module] < RANK[path.stem], f"{path.name} imports {name}, which is not in an earlier layer"


def test_every_module_of_graph_has_a_layer() -> None:
    assert {path.stem for path in modules("graph")} == set(RANK)


def test_no_blueprint_imports_another() -> None:
    blueprints = {
        f"service.{path.stem}": path
        for path in modules("service")
        if "Blueprint(" in path.read_text(encoding="utf-8") and path.stem != "__init__"
    }
    assert blueprints
    for name, path in blueprints.items():
        others = {one for one in imported(path) if one in blueprints and one != name}
        assert not others, f"{name} imports {others}"


def test_tests_are_flat_and_collected() -> None:
    for path in (ROOT / "tests").iterdir():
        known = path.name.startswith(("test_", ".", "__pycache__")) or path.name in TOOLS
        assert known, f"tests/{path.name} is not collected: name it test_*.py or put it into tests/data/"


TOOLS = ("conftest.py", "data", "examples.py", "gaps_by_hand.py", "benchmark.py", "benchmark_validation.py")
