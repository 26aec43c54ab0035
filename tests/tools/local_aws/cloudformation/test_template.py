import pytest

from tools.local_aws.cloudformation.errors import ValidationError
from tools.local_aws.cloudformation.template import Template


def test_short_forms_of_yaml_mean_the_same_as_long_forms() -> None:
    template = Template.parse(
        """
        Resources:
          Topic:
            Type: AWS::SNS::Topic
            Properties:
              TopicName: !Sub "${AWS::StackName}-topic"
              DisplayName: !GetAtt Other.Name.Part
              KmsMasterKeyId: !If [Encrypted, !Ref Key, !Ref AWS::NoValue]
        """
    )
    assert template.resources["Topic"].properties == {
        "TopicName": {"Fn::Sub": "${AWS::StackName}-topic"},
        "DisplayName": {"Fn::GetAtt": ["Other", "Name.Part"]},
        "KmsMasterKeyId": {"Fn::If": ["Encrypted", {"Ref": "Key"}, {"Ref": "AWS::NoValue"}]},
    }


def test_a_policy_version_in_yaml_stays_text() -> None:
    template = Template.parse("Resources: {A: {Type: 'AWS::X::Y', Properties: {Version: 2012-10-17}}}")
    assert template.resources["A"].properties == {"Version": "2012-10-17"}


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("{}", "At least one Resources member"),
        ("[]", "not an object"),
        ("{unclosed", "neither JSON nor YAML"),
        ("Resources: {A: &a {Type: T}, B: *a}", "YAML aliases are not allowed"),
        ("[" * 5000, "nested too deeply"),
        ("- " * 5000, "nested too deeply"),
        ('{"Resources": {"A": {}}}', "/Resources/A"),
        ('{"Resources": {"A": {"Type": "T", "Propertys": {}}}}', "Propertys"),
        ('{"Resources": {"A": {"Type": "T"}}, "Transform": "AWS::Include"}', "Transform"),
        ('{"Resources": {"A": {"Type": "T", "DeletionPolicy": "Snapshot"}}}', "DeletionPolicy is 'Snapshot'"),
    ],
)
def test_what_is_wrong_with_a_template_is_said(body: str, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Template.parse(body)
