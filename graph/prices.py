"""What offerings cost the learner, as far as they say so. Currencies are never converted into each other."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from pyoxigraph import Literal, NamedNode

from graph.namespaces import TRV
from graph.store import Dataset

SMALLEST = Decimal("0.0001")  # an amount has at most four decimals (shapes/values.ttl)


@dataclass(frozen=True)
class Price:
    """The usual price. What is free costs 0, which is the same in every currency: its currency is ""."""

    amount: Decimal
    currency: str

    @property
    def units(self) -> int:
        """The amount in ten-thousandths of the currency, which is a whole number."""
        return int(self.amount / SMALLEST)


FREE = Price(Decimal(0), "")


def price_of(dataset: Dataset, offering: NamedNode) -> Price | None:
    """The price that an offering states; None where it states none, which is not a price of 0."""
    if any(value in ("true", "1") for value in _texts(dataset, offering, TRV.free)):
        return FREE
    amounts = sorted(map(Decimal, _texts(dataset, offering, TRV.costAmount)))
    if not amounts:
        return None
    if not amounts[0]:
        return FREE
    currencies = sorted(_texts(dataset, offering, TRV.costCurrency))
    return Price(amounts[0], currencies[0]) if currencies else None


def usual_currency(prices: Iterable[Price | None]) -> str | None:
    """The currency that most of these prices are in, of equals the first by its code; None if none has a currency."""
    counts = Counter(price.currency for price in prices if price and price.currency)
    return min(counts, key=lambda code: (-counts[code], code), default=None)


def totals(prices: Iterable[Price | None]) -> dict[str, Decimal]:
    """The sum of the prices that are known, in each currency."""
    found: dict[str, Decimal] = {}
    for price in prices:
        if price and price.currency:
            found[price.currency] = found.get(price.currency, Decimal(0)) + price.amount
    return dict(sorted(found.items()))


def _texts(dataset: Dataset, offering: NamedNode, predicate: NamedNode) -> set[str]:
    objects = (quad.object for quad in dataset.quads(offering, predicate))
    return {one.value for one in objects if isinstance(one, Literal)}
