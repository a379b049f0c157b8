"""List prices of the region we run in: one file, each with where it comes from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("prices.json")


@dataclass(frozen=True, slots=True)
class Price:
    """What something costs.

    Attributes:
        usd: So much, for so many units.
        per: How many units.
        unit: What one of them is.
        source: The page that shows it; empty: none was found that does.
        note: What else there is to know.
    """

    usd: float
    per: float
    unit: str
    source: str
    note: str

    def of(self, many: float) -> float:
        """Give what so many cost, in dollars."""
        return self.usd * many / self.per


@dataclass(frozen=True, slots=True)
class PriceList:
    """All prices, and what is assumed beside what was measured."""

    region: str
    currency: str
    looked_up_on: str
    prices: Mapping[str, Price]
    assumptions: Mapping[str, float]

    def of(self, name: str, many: float) -> float:
        """Give what so many of something cost, in dollars."""
        return self.prices[name].of(many)

    def unsourced(self) -> list[str]:
        """Give the prices that no page was found for."""
        return [name for name, price in self.prices.items() if not price.source]


@cache
def price_list() -> PriceList:
    """Give the list."""
    read: dict[str, Any] = json.loads(FILE.read_text())
    return PriceList(
        region=read["region"],
        currency=read["currency"],
        looked_up_on=read["looked_up_on"],
        prices={name: Price(**given) for name, given in read["prices"].items()},
        assumptions={name: given["value"] for name, given in read["assumptions"].items()},
    )
