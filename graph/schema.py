"""What a contributor may say, read from the shapes: the kinds of entity and the columns of each.

The shapes are the single definition; spreadsheets, templates, forms and the data dictionary come from here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from graph.namespaces import RDF, RDFS, SH, TRV
from graph.resources import SHAPES
from graph.store import Dataset

LANGUAGE_TAGGED = RDF.langString
SEPARATOR = ";"


@dataclass(frozen=True)
class Column:
    """One property that a contributor may state, and the spreadsheet column it is stated in.

    `datatypes` are the datatypes a value may have (none: a link or a reference), `kinds` the kinds of entity
    that a reference may lead to, the usual one first, and `target` the class that it must be of.
    """

    name: str
    path: NamedNode
    shape: NamedNode
    title: str
    description: str
    message: str
    order: int
    datatypes: tuple[NamedNode, ...]
    kinds: tuple[str, ...]
    target: NamedNode | None
    required: bool
    recommended: bool
    many: bool

    @property
    def language_tagged(self) -> bool:
        """Whether there is one column for each language: `label_en`, `label_es`."""
        return LANGUAGE_TAGGED in self.datatypes


@dataclass(frozen=True)
class Kind:
    """A kind of entity: its class, its columns in order, and the columns that its slug is made of (or an id)."""

    name: str
    target: NamedNode
    shape: NamedNode
    label: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[Column, ...]

    @property
    def needs(self) -> frozenset[str]:
        """The kinds that an entity of this kind may refer to."""
        return frozenset(kind for column in self.columns for kind in column.kinds) - {self.name}

    def column(self, path: NamedNode) -> Column | None:
        """The column that states a property, if there is one."""
        return next((column for column in self.columns if column.path == path), None)


@dataclass(frozen=True)
class Schema:
    """Every kind that may be contributed, by name."""

    kinds: Mapping[str, Kind]

    @classmethod
    def load(cls, folder: Path = SHAPES) -> Self:
        """Read every shape in the folder."""
        shapes = Dataset.in_memory(
            quad
            for path in sorted(folder.glob("*.ttl"))
            for quad in parse(path=str(path), format=RdfFormat.TURTLE, rename_blank_nodes=True)
        )
        kinds = [_kind(shapes, quad.subject) for quad in shapes.quads(None, TRV.kind)]
        return cls({kind.name: kind for kind in sorted(kinds, key=lambda kind: kind.name)})

    @cached_property
    def in_order(self) -> list[Kind]:
        """The kinds so that each comes after those it refers to."""
        waiting, ordered = dict(self.kinds), list[Kind]()
        while waiting:
            free = [kind for kind in waiting.values() if not kind.needs & waiting.keys()]
            for kind in free or list(waiting.values())[:1]:
                ordered.append(waiting.pop(kind.name))
        return ordered

    def of_class(self, target: NamedNode) -> Kind | None:
        """The kind whose entities are of a class."""
        return next((kind for kind in self.kinds.values() if kind.target == target), None)


def _kind(shapes: Dataset, shape: Any) -> Kind:
    properties = [quad.object for quad in shapes.quads(shape, SH.property)]
    columns = [_column(shapes, item, properties) for item in properties if _value(shapes, item, TRV.column)]
    by_shape = {column.shape: column for column in columns}
    return Kind(
        name=_text(shapes, shape, TRV.kind),
        target=_value(shapes, shape, SH.targetClass),
        shape=shape,
        label=_text(shapes, shape, RDFS.label),
        description=_text(shapes, shape, RDFS.comment),
        columns=tuple(sorted(columns, key=lambda column: column.order)),
        key=tuple(by_shape[item] for item in _items(shapes, _value(shapes, shape, TRV.key))),
    )


def _column(shapes: Dataset, shape: Any, properties: list[Any]) -> Column:
    path = _value(shapes, shape, SH.path)
    same_path = [item for item in properties if _value(shapes, item, SH.path) == path]
    needed = [item for item in same_path if _number(shapes, item, SH.minCount)]
    alternatives = [shape, *_items(shapes, _value(shapes, shape, SH["or"]))]
    datatypes = [_value(shapes, node, SH.datatype) for node in alternatives]
    return Column(
        name=_text(shapes, shape, TRV.column),
        path=path,
        shape=shape,
        title=_text(shapes, shape, SH.name),
        description=_text(shapes, shape, SH.description),
        message=_text(shapes, shape, SH.message),
        order=_number(shapes, shape, SH.order) or 0,
        datatypes=tuple(datatype for datatype in datatypes if datatype),
        kinds=tuple(item.value for item in _items(shapes, _value(shapes, shape, TRV.kinds))),
        target=_value(shapes, shape, SH["class"]),
        required=any(_value(shapes, item, SH.severity) != SH.Warning for item in needed),
        recommended=any(_value(shapes, item, SH.severity) == SH.Warning for item in needed),
        many=not any(_number(shapes, item, SH.maxCount) == 1 for item in same_path),
    )


def _value(shapes: Dataset, subject: Any, predicate: NamedNode) -> Any:
    return next((quad.object for quad in shapes.quads(subject, predicate)), None)


def _text(shapes: Dataset, subject: Any, predicate: NamedNode) -> str:
    term = _value(shapes, subject, predicate)
    return term.value if isinstance(term, Literal) else ""


def _number(shapes: Dataset, subject: Any, predicate: NamedNode) -> int | None:
    text = _text(shapes, subject, predicate)
    return int(text) if text else None


def _items(shapes: Dataset, head: Any) -> Iterator[Any]:
    while head is not None and head != RDF.nil:
        yield _value(shapes, head, RDF.first)
        head = _value(shapes, head, RDF.rest)
