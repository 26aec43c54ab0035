"""What a buyer would work out from the listing of a house: its age, its total areas, its bathrooms.

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
    """Ages in years, areas in square feet, bathrooms, and graded qualities as numbers."""
    return {**_ages(houses), **_areas(houses), **_rooms(houses), **_levels(houses)}


def _ages(houses: Houses) -> dict[str, np.ndarray]:
    sold, built = houses["Year_Sold"], houses["Year_Built"]
    return {
        "Age": sold - built,
        "Years_Since_Remodel": sold - houses["Year_Remod_Add"],
        "Months_Since_2006": 12 * (sold - 2006) + houses["Mo_Sold"] - 1,
    }


def _areas(houses: Houses) -> dict[str, np.ndarray]:
    living, basement = houses["Gr_Liv_Area"], houses["Total_Bsmt_SF"]
    finished_basement = basement - houses["Bsmt_Unf_SF"]
    porches = ("Open_Porch_SF", "Enclosed_Porch", "Three_season_porch", "Screen_Porch", "Wood_Deck_SF")
    return {
        "Total_Area": living + basement,
        "Finished_Area": living + finished_basement,
        "Finished_Basement_Area": finished_basement,
        "Outdoor_Area": np.sum([houses[porch] for porch in porches], axis=0),
        "Lot_Share_Built": houses["First_Flr_SF"] / houses["Lot_Area"],
    }


def _rooms(houses: Houses) -> dict[str, np.ndarray]:
    full = houses["Full_Bath"] + houses["Bsmt_Full_Bath"]
    half = houses["Half_Bath"] + houses["Bsmt_Half_Bath"]
    return {
        "Bathrooms": full + 0.5 * half,
        "Area_Per_Room": houses["Gr_Liv_Area"] / houses["TotRms_AbvGrd"],
    }


def _levels(houses: Houses) -> dict[str, np.ndarray]:
    return {
        f"{name}_Level": np.array([levels.get(value, np.nan) for value in houses[name]], dtype=np.float64)
        for name, levels in LEVELS.items()
    }
