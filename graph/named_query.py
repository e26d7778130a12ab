"""The catalogue of questions: one `.rq` file is one question, with its parameters and documentation.

The lines that begin with `#+ ` are its header, one YAML document of grlc decorators. What follows is SPARQL 1.1
that any engine can run. Parameters are bound to the variables of their names as RDF terms.

Loading checks what the engine can tell in a millisecond. What the engine would silently get wrong is found by
`graph.query_check`, which is slower and belongs in the tests.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final, Literal, Self

import yaml
from pyoxigraph import Literal as Text
from pyoxigraph import Triple

from graph.errors import InvalidParameter, InvalidQueryFile, NotFound, did_you_mean, nearest
from graph.namespaces import is_slug
from graph.parameters import NOTHING_KNOWN, Known, Parameter, Value, parse_arguments
from graph.store import Dataset, Rows

Form = Literal["select", "construct", "ask"]

HEADER_KEYS: Final = ("summary", "description", "tags", "asked_by", "endpoint", "params")
PARAMETER_KEYS: Final = tuple(field.name for field in fields(Parameter) if field.name != "name")
ASKERS: Final = ("planner", "learner", "researcher", "partner", "contributor", "curator")
"""Who the graph is for, in the order in which the design names them; educators and funders are planners."""

RESERVED: Final = ("q", "limit", "offset", "format")  # what every address understands by itself
FORM: Final = re.compile(r"^\s*(select|construct|ask)\b", re.IGNORECASE | re.MULTILINE)
VARIABLE_NAME: Final = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same language, ten times faster


@dataclass(frozen=True)
class NamedQuery:
    """A question that has a name. `text` is its SPARQL; `columns` are those of a SELECT without the parameters.

    The first of the `tags` is its topic; `asked_by` are those of `ASKERS` who would ask it.
    """

    name: str
    summary: str
    description: str
    tags: tuple[str, ...]
    asked_by: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    text: str
    form: Form
    columns: tuple[str, ...] = ()

    @property
    def topic(self) -> str:
        """What the question is about: its first tag, or `other`."""
        return self.tags[0] if self.tags else "other"

    def bindings(self, arguments: Mapping[str, str], known: Known = NOTHING_KNOWN) -> dict[str, Value]:
        """The terms to bind for these arguments. Raises InvalidParameter."""
        return parse_arguments(self.parameters, arguments, known)

    def run(
        self, dataset: Dataset, arguments: Mapping[str, str], known: Known = NOTHING_KNOWN
    ) -> Rows | list[Triple] | bool:
        """The answer, by form: `select`, `construct` or `ask`. Raises InvalidParameter."""
        match self.form:
            case "select":
                return self.select(dataset, arguments, known)
            case "construct":
                return self.construct(dataset, arguments, known)
            case "ask":
                return dataset.ask(self.text, self.bindings(arguments, known))

    def select(self, dataset: Dataset, arguments: Mapping[str, str], known: Known = NOTHING_KNOWN) -> Rows:
        """The rows of a SELECT, with the columns in `columns` only. Raises InvalidParameter."""
        rows = dataset.select(self.text, self.bindings(arguments, known))
        wanted = [rows.variables.index(column) for column in self.columns]
        return Rows(self.columns, [tuple(row[place] for place in wanted) for row in rows])

    def construct(self, dataset: Dataset, arguments: Mapping[str, str], known: Known = NOTHING_KNOWN) -> list[Triple]:
        """The statements of a CONSTRUCT, each once. Raises InvalidParameter."""
        return list(dict.fromkeys(dataset.construct(self.text, self.bindings(arguments, known))))


class Catalogue(Mapping[str, NamedQuery]):
    """The questions of one folder by name, in the order of their names."""

    def __init__(self, queries: Iterable[NamedQuery]) -> None:
        self._queries = {query.name: query for query in sorted(queries, key=lambda query: query.name)}

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Every `.rq` file of a folder, not of the folders below it. Raises InvalidQueryFile."""
        nothing = Dataset.in_memory(())
        queries: dict[str, NamedQuery] = {}
        for path in sorted(folder.glob("*.rq")):
            query = read(path, nothing)
            if query.name in queries:
                raise _fault(path, f"the endpoint `{query.name}` is taken: choose another name")
            queries[query.name] = query
        return cls(queries.values())

    def __getitem__(self, name: str) -> NamedQuery:
        """The question of that name. Raises NotFound, with the nearest name there is."""
        try:
            return self._queries[name]
        except KeyError:
            suggestion = did_you_mean(nearest(name, list(self._queries)))
            raise NotFound(f"There is no question called `{name}`.{suggestion}") from None

    def __contains__(self, name: object) -> bool:
        return name in self._queries

    def __iter__(self) -> Iterator[str]:
        return iter(self._queries)

    def __len__(self) -> int:
        return len(self._queries)


def read(path: Path, nothing: Dataset) -> NamedQuery:
    """Read one file; `nothing` is an empty dataset to try it on. Raises InvalidQueryFile."""
    lines = path.read_text(encoding="utf-8").splitlines()
    header = _header(path, lines)
    text = "\n".join(line for line in lines if not line.startswith("#+")).strip() + "\n"
    form = FORM.search(text)
    if form is None:
        raise _fault(path, "the query is none of SELECT, CONSTRUCT and ASK: begin a line with one of them")
    query = NamedQuery(
        name=_name(path, header),
        summary=_sentence(path, header, "summary"),
        description=_sentence(path, header, "description"),
        tags=_words(path, header, "tags"),
        asked_by=_askers(path, header),
        parameters=_parameters(path, header),
        text=text,
        form=_form(form.group(1).lower()),
    )
    return _tried(path, query, nothing)


def _form(word: str) -> Form:
    return "select" if word == "select" else "construct" if word == "construct" else "ask"


def _fault(path: Path, problem: str, suggestion: str = "") -> InvalidQueryFile:
    return InvalidQueryFile(f"{path.name}: {problem}.{suggestion}")


def _header(path: Path, lines: list[str]) -> dict[str, Any]:
    text = "\n".join(line[2:].removeprefix(" ") for line in lines if line.startswith("#+"))
    try:
        header = yaml.load(text, LOADER)
    except yaml.YAMLError as error:
        raise _fault(path, f"the lines that begin with `#+ ` are not YAML ({error}): mend them") from error
    if not isinstance(header, dict):
        raise _fault(path, "it has no header: begin it with `#+ summary: ` and the question in one sentence")
    _refuse_unknown(path, "the header", header, HEADER_KEYS)
    return header


def _refuse_unknown(path: Path, place: str, given: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    for key in given:
        if key not in allowed:
            suggestion = did_you_mean(nearest(str(key), allowed))
            raise _fault(path, f"{place} has the unknown key `{key}`, beside {', '.join(allowed)}", suggestion)


def _name(path: Path, header: Mapping[str, Any]) -> str:
    name = header.get("endpoint", path.stem)
    if not (isinstance(name, str) and is_slug(name)):
        raise _fault(path, f"the endpoint `{name}` is not a slug: use a-z, 0-9 and single hyphens")
    return name


def _sentence(path: Path, header: Mapping[str, Any], key: str) -> str:
    text = header.get(key, "")
    if not isinstance(text, str) or (key == "summary" and not text.strip()):
        raise _fault(path, f"the header needs `{key}` as text: say in one sentence what the question is")
    return " ".join(text.split())


def _words(path: Path, header: Mapping[str, Any], key: str) -> tuple[str, ...]:
    words = header.get(key, [])
    if not (isinstance(words, list) and all(isinstance(word, str) for word in words)):
        raise _fault(path, f"`{key}` is not a list of words: write it as `{key}: [one, another]`")
    return tuple(words)


def _askers(path: Path, header: Mapping[str, Any]) -> tuple[str, ...]:
    askers = _words(path, header, "asked_by")
    for asker in askers:
        if asker not in ASKERS:
            suggestion = did_you_mean(nearest(asker, ASKERS))
            raise _fault(path, f"`asked_by` names `{asker}`, beside {', '.join(ASKERS)}", suggestion)
    return askers


def _parameters(path: Path, header: Mapping[str, Any]) -> tuple[Parameter, ...]:
    params = header.get("params", {})
    if not (isinstance(params, dict) and all(isinstance(value, dict) for value in params.values())):
        raise _fault(path, "`params` is not a mapping from each parameter's name to its `type` and the rest")
    return tuple(_parameter(path, name, described) for name, described in params.items())


def _parameter(path: Path, name: Any, described: Mapping[str, Any]) -> Parameter:
    if not (isinstance(name, str) and VARIABLE_NAME.fullmatch(name)):
        raise _fault(path, f"the parameter `{name}` is not named like a variable: use a-z, 0-9 and `_`")
    if name in RESERVED:
        raise _fault(path, f"the parameter `{name}` has a meaning of its own everywhere: choose another name")
    _refuse_unknown(path, f"the parameter `{name}`", described, PARAMETER_KEYS)
    values = {"type": "text"} | {key: _as_written(key, value) for key, value in described.items()}
    try:
        return Parameter(name=name, **values)
    except (ValueError, TypeError, InvalidParameter) as error:
        raise _fault(path, f"the parameter `{name}` contradicts itself ({error}): mend the header") from error


def _as_written(key: str, value: Any) -> Any:
    """A value that YAML has read as a number, a truth or a date, as a person would type it."""
    if key == "enumeration" and isinstance(value, list):
        return tuple(str(item) for item in value)
    if key in ("required", "minimum", "maximum"):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _tried(path: Path, query: NamedQuery, nothing: Dataset) -> NamedQuery:
    """The query with its columns, after the engine has taken it and the binding of every parameter."""
    names = [parameter.name for parameter in query.parameters]
    try:
        variables = _variables(query, nothing)
        for name in names:
            _try_binding(path, query, name, nothing)
    except SyntaxError as error:
        raise _fault(path, f"the engine does not take it as SPARQL 1.1 ({error})") from error
    return replace(query, columns=tuple(variable for variable in variables if variable not in names))


def _variables(query: NamedQuery, nothing: Dataset) -> tuple[str, ...]:
    if query.form == "select":
        return nothing.select(query.text).variables
    nothing.solutions(query.text)
    return ()


def _try_binding(path: Path, query: NamedQuery, name: str, nothing: Dataset) -> None:
    place = "to the variables after SELECT" if query.form == "select" else "to a triple pattern"
    try:
        nothing.solutions(query.text, {name: Text("")})
    except RuntimeError as error:
        raise _fault(path, f"the parameter `{name}` cannot be bound: add ?{name} {place}") from error
