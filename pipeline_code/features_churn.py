"""What a customer of a telephone company looks at: the bill.

Every value comes from the same row: nothing is learnt here, nothing can leak between the parts of the data.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

Customers = Mapping[str, np.ndarray]
# What a minute costs at each time: a charge is, to the cent, its minutes times this.
PRICES = {"day": 0.17, "eve": 0.085, "night": 0.045, "intl": 0.27}


def derive(customers: Customers) -> dict[str, np.ndarray]:
    """All charges together, in their currency."""
    charges = [price * customers[f"total_{time}_minutes"] for time, price in PRICES.items()]
    return {"bill": np.sum(charges, axis=0)}
