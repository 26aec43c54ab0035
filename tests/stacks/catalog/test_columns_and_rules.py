"""The columns of a use case as Glue and the Feature Store name them, and the rules that they must satisfy."""

import pytest

from config.settings import Settings, UseCase
from stacks.catalog.feature_groups import feature_definitions
from stacks.parts.data_quality_rules import data_quality_rules
from tools.local_aws.glue.dqdl import rules_of


@pytest.fixture
def use_case(sample_settings: Settings) -> UseCase:
    return sample_settings.use_cases["house-prices"]


def test_the_rules_are_dqdl_about_every_column(use_case: UseCase) -> None:
    rules = rules_of(data_quality_rules(use_case))
    for column in use_case.columns:
        assert f'ColumnExists "{column.lower()}"' in rules
    assert 'IsComplete "sale_price"' in rules


def test_a_target_whose_logarithm_is_learned_must_be_positive(use_case: UseCase) -> None:
    positive = 'CustomSql "select count(*) from primary where cast(`sale_price` as double) <= 0" = 0'
    assert positive in data_quality_rules(use_case)
    plain = use_case.model_copy(update={"target_transform": "none"})
    assert positive not in data_quality_rules(plain)


def test_numeric_columns_may_have_gaps_but_the_target_may_not(use_case: UseCase) -> None:
    rules = data_quality_rules(use_case)
    assert 'ColumnDataType "lot_area" = "Double" with threshold > 0.5' in rules
    assert 'ColumnDataType "sale_price" = "Double",' in rules
    assert "neighborhood" in rules
    assert 'ColumnDataType "neighborhood"' not in rules


def test_a_class_has_two_values(use_case: UseCase) -> None:
    classes = use_case.model_copy(update={"problem": "binary-classification", "target_transform": "none"})
    assert 'DistinctValuesCount "sale_price" = 2' in rules_of(data_quality_rules(classes))


def test_a_feature_group_has_a_feature_for_every_column_and_two_of_its_own(use_case: UseCase) -> None:
    features = {feature["FeatureName"]: feature["FeatureType"] for feature in feature_definitions(use_case)}
    assert list(features)[:2] == ["record_id", "event_time"]
    assert len(features) == len(use_case.columns) + 2
    kinds = (features["Sale_Price"], features["Lot_Area"], features["Neighborhood"])
    assert kinds == ("Fractional", "Fractional", "String")


def test_what_cannot_be_the_name_of_a_feature_is_replaced(use_case: UseCase) -> None:
    features = use_case.features.model_copy(update={"numeric": ("price (EUR)", "Größe", "Lot_Area")})
    odd = use_case.model_copy(update={"features": features})
    names = [feature["FeatureName"] for feature in feature_definitions(odd)]
    assert names[3:6] == ["price_EUR", "Gr_e", "Lot_Area"]


def test_several_classes_have_more_than_two_values_and_rows_without_one_may_be_left_out(
    use_case: UseCase,
) -> None:
    several = {
        "problem": "multiclass-classification",
        "target_transform": "none",
        "rows_without_target": "drop",
    }
    rules = data_quality_rules(use_case.model_copy(update=several))
    assert 'DistinctValuesCount "sale_price" > 2' in rules_of(rules)
    assert "IsComplete" not in rules
