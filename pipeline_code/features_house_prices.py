"""What the words of a listing are worth, from the worst to the best.

Every value comes from the same row: nothing is learnt here, nothing can leak between the parts of the data.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

Houses = Mapping[str, np.ndarray]
CONDITION = {
    "Very_Poor": 1,
    "Poor": 2,
    "Fair": 3,
    "Below_Average": 4,
    "Average": 5,
    "Typical": 5,
    "Above_Average": 6,
    "Good": 7,
    "Very_Good": 8,
    "Excellent": 9,
    "Very_Excellent": 10,
    "No_Basement": 0,
    "No_Garage": 0,
}
EXPOSURE = {"No_Basement": 0, "No": 1, "Mn": 2, "Av": 3, "Gd": 4}
GARAGE_FINISH = {"No_Garage": 0, "Unf": 1, "RFn": 2, "Fin": 3}
BASEMENT_FINISH = {"No_Basement": 0, "Unf": 1, "LwQ": 2, "Rec": 3, "BLQ": 4, "ALQ": 5, "GLQ": 6}
DAMAGE = {"Typ": 0, "Min1": 1, "Min2": 2, "Mod": 3, "Maj1": 4, "Maj2": 5, "Sev": 6, "Sal": 7}
LEVELS = {
    "Overall_Cond": CONDITION,
    "Exter_Cond": CONDITION,
    "Heating_QC": CONDITION,
    "Bsmt_Cond": CONDITION,
    "Bsmt_Exposure": EXPOSURE,
    "BsmtFin_Type_1": BASEMENT_FINISH,
    "Garage_Finish": GARAGE_FINISH,
    "Functional": DAMAGE,
}


def derive(houses: Houses) -> dict[str, np.ndarray]:
    """Graded qualities as numbers, the worst first."""
    return {
        f"{name}_Level": np.array([levels.get(value, np.nan) for value in houses[name]], dtype=np.float64)
        for name, levels in LEVELS.items()
    }
