"""A question with its arguments written into its text: the query to read, to cite and to send to any engine.

To answer a question its parameters are bound as terms, never written into text. What is written here is for readers:
they may run it as it stands, and it gives the same answer.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from graph.parameters import Value

TOKEN: Final = re.compile(
    r"""(?P<quoted>\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|<[^<>"{}|^`\\\s]*>|\#[^\n]*)
    |[?$](?P<variable>\w+)[ ]?|(?P<word>\w+)|(?P<mark>[(){}])|(?P<rest>.)""",
    re.DOTALL | re.VERBOSE,
)
LISTING: Final = ("select", "group")
"""Words after which variables are listed, until a word or a brace that ends the list."""

ENDING: Final = ("where", "having", "order", "limit", "offset", "values")


def bound(text: str, names: Collection[str], arguments: Mapping[str, Value]) -> str:
    """The SPARQL of a question for these arguments; `names` are all its parameters.

    A parameter is taken from the variables that are selected and grouped by. One that is not given stays a variable
    that nothing binds, which is what questions expect of it.
    """
    return "".join(_pieces(text, names, arguments))


def _pieces(text: str, names: Collection[str], arguments: Mapping[str, Value]) -> Iterator[str]:
    listing, depth = False, 0
    for token in TOKEN.finditer(text):
        whole, name, word = token[0], token["variable"], (token["word"] or "").lower()
        depth += {"(": 1, ")": -1}.get(whole, 0)
        listing = (listing or word in LISTING) and whole not in ("{", "}") and word not in ENDING
        if name not in names:
            yield whole
        elif not (listing and depth == 0):
            yield str(arguments[name]) + whole[len(name) + 1 :] if name in arguments else whole
