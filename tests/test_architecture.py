"""The rooms of the house, and who may import whom."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from graph.resources import ROOT

# What everything stands on: these import each other at the most.
FOUNDATION = {"errors", "namespaces", "resources"}
# What stands on everything: the processes and the one way in; nothing in graph/ imports them.
PROCESSES = {"publisher", "starter", "examination_worker", "query_worker", "dump_writing"}


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


def within_graph() -> dict[str, set[str]]:
    """Each module of graph/ with the modules of graph/ that it imports."""
    known = {path.stem for path in modules("graph")}
    return {
        path.stem: {
            name.removeprefix("graph.").partition(".")[0] for name in imported(path) if name.startswith("graph.")
        }
        & known
        for path in modules("graph")
    }


@pytest.mark.parametrize("path", modules("graph"), ids=lambda path: path.stem)
def test_graph_never_imports_the_service(path: Path) -> None:
    assert not [name for name in imported(path) if name.partition(".")[0] == "service"]


def test_imports_within_graph_go_one_way() -> None:
    """The modules can be put in layers: a cycle is named in the error."""
    assert len(list(TopologicalSorter(within_graph()).static_order())) == len(modules("graph"))


def test_the_foundation_stands_on_nothing_and_the_processes_on_everything() -> None:
    imports = within_graph()
    for module in FOUNDATION:
        assert imports[module] <= FOUNDATION, f"{module} imports {imports[module] - FOUNDATION}"
    for module, names in imports.items():
        assert not (names & PROCESSES) - {module}, f"{module} imports {names & PROCESSES}, which is a process"


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


TOOLS = (
    "conftest.py",
    "data",
    "examples.py",
    "followers.py",
    "gaps_by_hand.py",
    "benchmark.py",
    "benchmark_engines.py",
    "benchmark_harvest.py",
    "benchmark_publishing.py",
    "benchmark_queries.py",
    "benchmark_sparql.py",
    "benchmark_validation.py",
    "visitor.py",
    "harvesters.py",
    "history.py",
    "hostile.py",
)


@pytest.mark.parametrize("path", sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]), ids=lambda path: path.name)
def test_no_page_has_a_mark_of_an_unfinished_merge(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if line.startswith(("<<<<<<< ", ">>>>>>> ")) or line == "======="]
