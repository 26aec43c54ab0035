// Reads policies by their kind as JSON, lets iam-policy validate and lint them all, writes what it finds in each.
import { readFileSync } from 'node:fs'
import {
  lintPolicy,
  lintResourcePolicy,
  validateEndpointPolicy,
  validateIdentityPolicy,
  validateTrustPolicy
} from '@cloud-copilot/iam-policy'

const checks = {
  identity: [validateIdentityPolicy, lintPolicy],
  trust: [validateTrustPolicy, lintPolicy],
  resource: [lintResourcePolicy],
  endpoint: [validateEndpointPolicy, lintPolicy]
}
const policies = JSON.parse(readFileSync(0, 'utf8'))
const found = policies.map(({ kind, body }) =>
  checks[kind].flatMap((check) => check(body)).map(({ path, message }) => `${path}: ${message}`)
)
console.log(JSON.stringify(found))
