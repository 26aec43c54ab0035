"""What the embedded AWS is known to do otherwise than AWS: the rows of the corpus, exactly."""

_OTHER_WORDS = (
    "events.describe_rule.test_describe_nonexistent_rule.1",
    "events.put_rule.test_invalid_json_event_pattern.2",
    "iam.delete_policy.test_delete_non_existent_policy_returns_no_such_entity.1",
    "kms.generate_mac.test_error_messaging_for_invalid_keys.1",
    "logs.describe_log_groups.test_describe_log_groups_prefix_and_pattern_error.1",
    "logs.delete_resource_policy.test_delete_resource_policy_not_found.1",
    "s3.create_bucket.test_bucket_ownership_controls_exc.1",
    "s3.list_objects_v2.test_list_ops_encoding_type_validation.1",
)
KNOWN_TO_DIFFER = {
    **dict.fromkeys(_OTHER_WORDS, "other words"),
    "cloudwatch.put_metric_data.test_put_metric_data_validation.1": "code InvalidParameterValue",
    "s3.put_bucket_versioning.test_bucket_versioning_crud.1": "code 404",
    "sns.publish.test_empty_or_wrong_message_attributes.1": "code InvalidParameter",
    "sns.publish.test_empty_or_wrong_message_attributes.2": "code InvalidParameter",
}
