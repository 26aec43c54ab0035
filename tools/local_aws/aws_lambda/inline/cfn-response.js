// The module that AWS puts beside code that stands in a template.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-lambda-function-code-cfnresponsemodule.html
'use strict';
const https = require('https');

exports.SUCCESS = 'SUCCESS';
exports.FAILED = 'FAILED';

exports.send = (event, context, responseStatus, responseData, physicalResourceId, noEcho) => new Promise((resolve, reject) => {
  const { StackId, RequestId, LogicalResourceId, ResponseURL } = event;
  const letter = JSON.stringify({
    Status: responseStatus,
    Reason: `See the details in CloudWatch Log Stream: ${context.logStreamName}`,
    PhysicalResourceId: physicalResourceId || context.logStreamName,
    StackId, RequestId, LogicalResourceId, NoEcho: noEcho || false, Data: responseData,
  });
  const { hostname, pathname, search } = new URL(ResponseURL);
  const headers = { 'content-type': '', 'content-length': Buffer.byteLength(letter) };
  const request = https.request({ hostname, path: pathname + search, method: 'PUT', headers }, (response) => {
    response.resume();
    resolve(context.done());
  });
  request.on('error', (error) => reject(context.done(error)));
  request.end(letter);
});
