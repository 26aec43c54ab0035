// Stands for Lambda's Node.js runtime: `node node_runtime.js <event> <answer>`.
//
// Reads the event from the first file, calls the handler, and writes what it returned or threw to the second.
// The form of errors: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
// The runtime brings AWS's SDK along, @aws-sdk/client-*; here boto3 makes its calls, by sdk_calls.py.
'use strict';
const { execFile } = require('child_process');
const fs = require('fs');
const http = require('http');
const https = require('https');
const Module = require('module');
const path = require('path');
const { pathToFileURL } = require('url');

const [eventFile, answerFile] = process.argv.slice(2);
const given = process.env;
const embedded = new URL(given.AWS_ENDPOINT_URL);

const end = (answer) => {
  fs.writeFileSync(answerFile, JSON.stringify(answer));
  process.exit(0);
};
const fail = (error) => {
  console.error(error);
  const { name: errorType = 'Error', message = String(error), stack = '' } = error || {};
  const trace = stack.split('\n');
  end({ error: { errorType, errorMessage: message, trace, requestId: given.LOCAL_AWS_REQUEST_ID } });
};
const named = (name, message) => Object.assign(new Error(message), { name });

// What AWS serves with TLS on port 443, the embedded AWS serves without on a port of its own.
const request = https.request;
https.request = (target, ...more) => {
  const isText = typeof target === 'string' || target instanceof URL;
  const host = isText ? new URL(target).hostname : target.hostname || target.host;
  if (!['localhost', embedded.hostname].includes(host)) return request(target, ...more);
  return http.request(isText ? target : { ...target, protocol: 'http:', port: embedded.port }, ...more);
};

const call = (service, operation, input = {}) => new Promise((resolve, reject) => {
  const program = path.join(__dirname, 'sdk_calls.py');
  const child = execFile(given.LOCAL_AWS_PYTHON, [program], { maxBuffer: 1 << 28 }, (failure, output) => {
    if (failure) return reject(failure);
    const { result, error } = JSON.parse(output);
    return error ? reject(named(error.name, error.message)) : resolve({ ...result, $metadata: {} });
  });
  child.stdin.end(JSON.stringify({ service, operation, input }));
});

// `new S3().listBuckets({})` and `new S3Client().send(new ListBucketsCommand({}))`, whatever service and operation.
const sdk = (service) => new Proxy({}, {
  get: (made, member) => {
    if (typeof member === 'symbol' || member === '__esModule') return undefined;
    if (member.endsWith('Command')) {
      made[member] ??= class { constructor(input) { Object.assign(this, { operation: member.slice(0, -7), input }); } };
    }
    const own = { send: ({ operation, input }) => call(service, operation, input), destroy: () => {}, config: {} };
    const operations = { get: (client, name) => client[name]
      ?? ((input) => call(service, name[0].toUpperCase() + name.slice(1), input)) };
    made[member] ??= function client() { return new Proxy(own, operations); };
    return made[member];
  },
});

const load = Module._load;
Module._load = (wanted, ...more) => {
  try {
    return load(wanted, ...more);
  } catch (error) {
    const found = /^@aws-sdk\/client-(.+)$/.exec(wanted);
    if (!found || error.code !== 'MODULE_NOT_FOUND') throw error;
    return sdk(found[1]);
  }
};

const findHandler = async () => {
  const dot = given._HANDLER.lastIndexOf('.');
  const [module, member] = [given._HANDLER.slice(0, dot), given._HANDLER.slice(dot + 1)];
  const files = ['.js', '.mjs', '.cjs'].map((ending) => path.join(given.LAMBDA_TASK_ROOT, module + ending));
  const file = files.find(fs.existsSync);
  if (!file) throw named('Runtime.ImportModuleError', `Error: Cannot find module '${module}'`);
  const loaded = file.endsWith('.mjs') ? await import(pathToFileURL(file)) : require(file);
  if (loaded[member]) return loaded[member];
  throw named('Runtime.HandlerNotFound', `${given._HANDLER} is undefined or not exported`);
};

const main = async () => {
  process.chdir(given.LAMBDA_TASK_ROOT);
  const handler = await findHandler();
  const limit = Number(given.LOCAL_AWS_TIMEOUT) * 1000;
  const deadline = Date.now() + limit;
  setTimeout(() => end({ 'timed out': true }), limit);
  const payload = await new Promise((resolve, reject) => {
    const done = (error, result) => (error ? reject(error) : resolve(result));
    const context = {
      awsRequestId: given.LOCAL_AWS_REQUEST_ID,
      functionName: given.AWS_LAMBDA_FUNCTION_NAME,
      functionVersion: given.AWS_LAMBDA_FUNCTION_VERSION,
      invokedFunctionArn: given.LOCAL_AWS_FUNCTION_ARN,
      memoryLimitInMB: given.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
      logGroupName: given.AWS_LAMBDA_LOG_GROUP_NAME,
      logStreamName: given.AWS_LAMBDA_LOG_STREAM_NAME,
      getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
      done,
    };
    const returned = handler(JSON.parse(fs.readFileSync(eventFile)), context, done);
    if (returned && returned.then) returned.then(resolve, reject);
  });
  end({ payload: JSON.stringify(payload ?? null) });
};

process.on('uncaughtException', fail);
main().catch(fail);
