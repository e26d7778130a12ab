"""Where the folders of RDF are: siblings of this package, in a checkout and in a wheel alike."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
ONTOLOGY: Final = ROOT / "ontology"
SHAPES: Final = ROOT / "shapes"
QUERIES: Final = ROOT / "queries"
STARTER: Final = ONTOLOGY / "starter"
