import json

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.cloudformation.helpers import Aws
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
        ("[" * 300 + "]" * 300, "nested too deeply"),
        ('{"Resources": {"A": {}}}', "/Resources/A"),
        ('{"Resources": {"A": {"Type": "T", "Propertys": {}}}}', "Propertys"),
        ('{"Resources": {"A": {"Type": "T"}}, "Transform": "AWS::Include"}', "Transform"),
        ('{"Resources": {"A": {"Type": "T", "DeletionPolicy": "Snapshot"}}}', "DeletionPolicy is 'Snapshot'"),
    ],
)
def test_what_is_wrong_with_a_template_is_said(body: str, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Template.parse(body)


@pytest.mark.parametrize(
    ("section", "most", "words"),
    [
        ("Resources", 500, "Number of resources, 501, is greater than maximum allowed, 500"),
        ("Outputs", 200, "Outputs count 201 is greater than max allowed 200"),
        ("Parameters", 200, "Parameter count 201 is greater than max allowed 200"),
    ],
)
def test_a_template_has_room_for_so_many(section: str, most: int, words: str) -> None:
    def template(count: int) -> str:
        several = {f"A{number}": {"Type": "AWS::SNS::Topic"} for number in range(count)}
        return json.dumps({"Resources": {"A": {"Type": "AWS::SNS::Topic"}}, section: several})

    Template.parse(template(most))
    with pytest.raises(ValidationError, match=f"Template format error: {words}"):
        Template.parse(template(most + 1))


def test_a_large_template_goes_over_s3_and_a_larger_one_nowhere(aws: Aws) -> None:
    def template(size: int) -> str:
        body = aws.template({"Topic": {"Type": "AWS::SNS::Topic"}})
        return body + " " * (size - len(body))

    cloudformation, s3, bucket = aws.client("cloudformation"), aws.client("s3"), unique("templates")
    s3.create_bucket(Bucket=bucket)
    url = f"https://s3.us-east-1.amazonaws.com/{bucket}/template"
    cloudformation.validate_template(TemplateBody=template(51_200))
    with pytest.raises(ClientError, match="Member must have length less than or equal to 51200"):
        cloudformation.validate_template(TemplateBody=template(51_201))
    s3.put_object(Bucket=bucket, Key="template", Body=template(1_000_000))
    cloudformation.validate_template(TemplateURL=url)
    s3.put_object(Bucket=bucket, Key="template", Body=template(1_000_001))
    with pytest.raises(ClientError, match="Template may not exceed 1000000 bytes in size"):
        cloudformation.validate_template(TemplateURL=url)
