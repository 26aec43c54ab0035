// The module that AWS puts beside code that stands in a template.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-lambda-function-code-cfnresponsemodule.html
'use strict';
const https = require('https');

exports.SUCCESS = 'SUCCESS';
exports.FAILED = 'FAILED';
exports.send = (event, context, Status, Data, physicalId, NoEcho = false) => {
  const { StackId, RequestId, LogicalResourceId } = event;
  const Reason = `See the details in CloudWatch Log Stream: ${context.logStreamName}`;
  const PhysicalResourceId = physicalId || context.logStreamName;
  const letter = { Status, Reason, PhysicalResourceId, StackId, RequestId, LogicalResourceId, NoEcho, Data };
  const { hostname, pathname, search } = new URL(event.ResponseURL);
  const headers = { 'content-type': '' };
  const request = https.request({ hostname, path: pathname + search, method: 'PUT', headers }, () => context.done());
  request.on('error', (error) => context.done(error));
  request.end(JSON.stringify(letter));
};
