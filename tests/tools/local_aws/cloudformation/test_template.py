import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.cloudformation.helpers import Aws
from tools.local_aws.cloudformation.errors import ValidationError
from tools.local_aws.cloudformation.template import Template


def test_short_forms_of_yaml_mean_the_same_as_long_forms() -> None:
    template = Template.parse(
        """
        Conditions: {Encrypted: !Equals [a, a]}
        Resources:
          Other: {Type: AWS::SNS::Topic}
          Key: {Type: AWS::KMS::Key}
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


@pytest.mark.parametrize(
    ("sections", "problem"),
    [
        ({"Value": {"Ref": "No"}}, "Unresolved resource dependencies [No] in the Resources block"),
        ({"Value": {"Fn::Sub": "${No}"}}, "Unresolved resource dependencies [No] in the Resources block"),
        ({"Value": {"Fn::GetAtt": ["No", "Arn"]}}, "Fn::GetAtt references undefined resource No"),
        ({"Value": {"Fn::GetAtt": "A"}}, "every Fn::GetAtt object requires two non-empty parameters"),
        ({"Value": {"Ref": "A"}}, "Circular dependency between resources: [A]"),
        ({"Value": {"Fn::If": ["No", 1, 2]}}, "unresolved condition dependency No in Fn::If"),
        ({"Value": {"Fn::FindInMap": ["No", "a", "b"]}}, "Mapping named 'No' is not present"),
        ({"Value": {"Fn::ToJsonString": {}}}, "Encountered unsupported function: Fn::ToJsonString Supported"),
        ({"Value": {"Fn::Join": ["a"]}}, "every Fn::Join object requires two parameters"),
        ({"Value": {"Fn::Split": [",", ["a"]]}}, "every Fn::Split object requires two parameters"),
        ({"Value": {"Fn::Select": ["a"]}}, "Fn::Select requires a list argument with two elements"),
        ({"Conditions": {"C": {"Fn::Equals": ["a"]}}}, "requires a list of 2 string parameters"),
        (
            {"Conditions": {"C": {"Fn::Equals": [{"Ref": "A"}, 1]}}},
            "Cannot reference resources in the Conditions",
        ),
        ({"Conditions": {"C": {"Condition": "D"}}}, "unresolved condition dependency D in Condition"),
        ({"Conditions": {"C": {"Fn::Not": [{"Condition": "C"}]}}}, "dependency between conditions: [C]"),
        ({"Outputs": {"O": {"Value": {"Ref": "No"}}}}, "dependencies [No] in the Outputs block"),
        ({"Outputs": {"O": {"Value": "a", "Condition": "No"}}}, "dependency No in the Outputs block"),
    ],
)
def test_functions_are_held_against_the_whole_template(sections: dict[str, Any], problem: str) -> None:
    value = {"Value": sections.pop("Value", "a")}
    resource = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", **value}}
    with pytest.raises(ValidationError, match=re.escape(problem)):
        Template.parse(json.dumps({"Resources": {"A": resource}, **sections}))


def test_what_a_macro_will_write_is_not_held_against_anything() -> None:
    body = {
        "Transform": "Some",
        "Resources": {"A": {"Type": "T", "Properties": {"Fn::Their": {"Ref": "No"}}}},
    }
    assert Template.parse(json.dumps(body)).transforms == ["Some"]


def test_a_policy_version_in_yaml_stays_text() -> None:
    template = Template.parse("Resources: {A: {Type: 'AWS::X::Y', Properties: {Version: 2012-10-17}}}")
    assert template.resources["A"].properties == {"Version": "2012-10-17"}


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("{}", "At least one Resources member"),
        ("[]", "unsupported structure"),
        ("{unclosed", r"JSON not well-formed. \(line 1, column 2\)"),
        ("Resources: [", r"YAML not well-formed. \(line 1, column 13\)"),
        ("Resources: {A: &a {Type: T}, B: *a}", "YAML aliases are not allowed"),
        ("- " * 5000, "nested too deeply"),
        ("[" * 300 + "]" * 300, "nested too deeply"),
        ('{"Resources": {"A": {}}}', "/Resources/A"),
        ('{"Resources": {"A": {"Type": "T", "Propertys": {}}}}', "resource property 'Propertys'"),
        ('{"Resources": {"A": {"Type": "T"}}, "Foo": {}}', r"template property or properties \[Foo\]"),
        ('{"Resources": {"A": {"Type": "T", "DeletionPolicy": "Keep"}}}', "Unrecognized DeletionPolicy Keep"),
        ('{"Resources": {"A-b": {"Type": "T"}}}', "Resource name A-b is non alphanumeric"),
        ('{"Resources": {"A": {"Type": "T", "Properties": null}}}', r"\[/Resources/A/Properties\] 'null'"),
        ('{"Resources": ""}', "Any Resources member must be an object"),
        ("{Resources: {A: {Type: T}}, Mappings: {M: {1: {a: b}}}}", "JSON not well-formed"),
        ("Resources: {A: {Type: T}}\nMappings: {M: {1: {a: b}}}", r"received numeric \[1\] instead"),
        ("Resources: {A: {Type: T}}\nMappings: {M: {k: {a_b: c}}}", "attribute name 'a_b' must contain only"),
        ("Resources: {A: {Type: T}}\nMappings: {M: {k: v}}", "Every Mappings member k must be a map"),
        ("Resources: {A: {Type: T}}\nMappings: {M: {k: {a: {b: c}}}}", "must be a String or a List"),
        ("Resources: {A: {Type: T}}\nParameters: {P: {Type: Strin}}", "Unrecognized parameter type: Strin"),
        ("Resources: {A: {Type: T}}\nOutputs: {O: {}}", "Every Outputs member must contain a Value object"),
        ("Resources: {A: {Type: T}}\nConditions: {C: yes}", "Conditions can only be boolean operations"),
        ("AWSTemplateFormatVersion: 2011-01-01\nResources: {A: {Type: T}}", "unsupported value for AWSTemp"),
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
    members = {
        "Resources": {"Type": "AWS::SNS::Topic"},
        "Outputs": {"Value": ""},
        "Parameters": {"Type": "String"},
    }

    def template(count: int) -> str:
        several = {f"A{number}": members[section] for number in range(count)}
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
