// Stands for Lambda's Node.js runtime: `node node_runtime.js <event> <answer>`.
//
// Reads the event from the first file, calls the handler, and writes what it returned or threw to the second one.
// The form of errors: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
// The runtime brings AWS's SDK (@aws-sdk/client-*) along; here boto3 makes its calls, as sdk_calls.py.
'use strict';
const fs = require('fs');
const http = require('http');
const https = require('https');
const Module = require('module');
const path = require('path');
const { pathToFileURL } = require('url');
const { execFile } = require('child_process');

const [eventFile, answerFile] = process.argv.slice(2);
const { LAMBDA_TASK_ROOT: root, _HANDLER: name, LOCAL_AWS_REQUEST_ID: requestId } = process.env;
const python = process.env.LOCAL_AWS_PYTHON;
const embedded = new URL(process.env.AWS_ENDPOINT_URL);

const end = (answer, status) => {
  fs.writeFileSync(answerFile, JSON.stringify(answer));
  process.exit(status);
};

const fail = (error, kind) => {
  console.error(error);
  const trace = String((error && error.stack) || '').split('\n');
  const described = { errorType: kind || (error && error.name) || 'Error', errorMessage: String((error && error.message) ?? error) };
  end({ error: { ...described, trace, requestId } }, 0);
};

// What AWS serves with TLS on port 443, the embedded AWS serves without on its own.
const request = https.request;
https.request = (target, ...more) => {
  const host = typeof target === 'string' ? new URL(target).hostname : target.hostname || target.host;
  if (!['localhost', embedded.hostname].includes(host)) return request(target, ...more);
  if (typeof target === 'string' || target instanceof URL) return http.request(target, ...more);
  return http.request({ ...target, protocol: 'http:', port: embedded.port }, ...more);
};

const call = (service, operation, input) => new Promise((resolve, reject) => {
  const child = execFile(python, [path.join(__dirname, 'sdk_calls.py')], { maxBuffer: 1 << 28 }, (failure, output) => {
    if (failure) return reject(failure);
    const { result, error } = JSON.parse(output);
    if (!error) return resolve({ ...result, $metadata: {} });
    const { name, message } = error;
    return reject(Object.assign(new Error(message), { name, Code: name, $metadata: {} }));
  });
  child.stdin.end(JSON.stringify({ service, operation, input: input || {} }));
});

const client = (service) => {
  class Client {
    constructor(config) { this.config = { apiVersion: '', region: async () => process.env.AWS_REGION, ...config }; }
    send(command) { return call(service, command.operation, command.input); }
    destroy() {}
  }
  const withOperations = {
    get: (target, member) => member in target || typeof member === 'symbol' || member === 'then'
      ? target[member]
      : (input) => call(service, member[0].toUpperCase() + member.slice(1), input),
  };
  const commands = {};
  const clients = {};
  return new Proxy({}, {
    get: (_, member) => {
      if (typeof member === 'symbol' || member === '__esModule') return undefined;
      if (member.endsWith('Command')) {
        const operation = member.slice(0, -'Command'.length);
        commands[member] ??= class { constructor(input) { this.operation = operation; this.input = input; } };
        return commands[member];
      }
      clients[member] ??= function construct(config) { return new Proxy(new Client(config), withOperations); };
      return clients[member];
    },
    ownKeys: () => [],
  });
};

const load = Module._load;
Module._load = (wanted, ...more) => {
  const service = /^@aws-sdk\/client-(.+)$/.exec(wanted);
  try {
    return load(wanted, ...more);
  } catch (error) {
    if (!service || error.code !== 'MODULE_NOT_FOUND') throw error;
    return client(service[1]);
  }
};

const findHandler = async () => {
  const dot = name.lastIndexOf('.');
  const [module, member] = [name.slice(0, dot), name.slice(dot + 1)];
  const file = ['.js', '.mjs', '.cjs'].map((ending) => path.join(root, module + ending)).find(fs.existsSync);
  if (!file) throw Object.assign(new Error(`Cannot find module '${module}'`), { name: 'Runtime.ImportModuleError' });
  const loaded = file.endsWith('.mjs') ? await import(pathToFileURL(file)) : require(file);
  if (typeof loaded[member] !== 'function') {
    throw Object.assign(new Error(`${name} is undefined or not exported`), { name: 'Runtime.HandlerNotFound' });
  }
  return loaded[member];
};

const main = async () => {
  process.chdir(root);
  const handler = await findHandler();
  const limit = Number(process.env.LOCAL_AWS_TIMEOUT) * 1000;
  const deadline = Date.now() + limit;
  setTimeout(() => end({ 'timed out': true }, 1), limit);
  const context = {
    awsRequestId: requestId,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: process.env.LOCAL_AWS_FUNCTION_ARN,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  const payload = await new Promise((resolve, reject) => {
    const done = (error, result) => (error ? reject(error) : resolve(result));
    Object.assign(context, { done, succeed: (result) => done(null, result), fail: (error) => done(error || new Error()) });
    const returned = handler(JSON.parse(fs.readFileSync(eventFile)), context, done);
    if (returned && typeof returned.then === 'function') returned.then(resolve, reject);
    else if (handler.length < 3 && returned !== undefined) resolve(returned);
  });
  end({ payload: JSON.stringify(payload === undefined ? null : payload) }, 0);
};

process.on('uncaughtException', (error) => fail(error));
main().catch((error) => fail(error));
