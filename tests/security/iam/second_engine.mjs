// Reads policies and requests as JSON, lets iam-simulate decide them all in this one process, writes its answers.
// It runs beside the tests only; nothing that is deployed contains it (docs/decisions/0013-second-iam-engine.md).
import { readFileSync } from 'node:fs'
import { createValidatedPolicy, validateIdentityPolicy, validateResourcePolicy } from '@cloud-copilot/iam-policy'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const { policies, requests } = JSON.parse(readFileSync(0, 'utf8'))
// Each policy is validated once, not for every request.
const validated = policies.map((policy) => {
  const validate = policy.Statement.some((statement) => statement.Principal) ? validateResourcePolicy : validateIdentityPolicy
  return createValidatedPolicy(policy, validate)
})
const named = (index) => ({ name: `policy ${index}`, policy: validated[index] })

async function decide({ principal, action, resource, account, context, identity, boundary, resourcePolicy }) {
  const answer = await runSimulation(
    {
      request: { principal, action, resource: { resource, accountId: account }, contextVariables: context },
      identityPolicies: identity.map(named),
      permissionBoundaryPolicies: boundary === null ? undefined : [named(boundary)],
      resourcePolicy: resourcePolicy === null ? undefined : validated[resourcePolicy],
      serviceControlPolicies: [],
      resourceControlPolicies: []
    },
    { simulationMode: 'Strict' }
  )
  if (answer.resultType === 'error') {
    return { allowed: null, error: JSON.stringify(answer.errors), ignored: [] }
  }
  const ignored = answer.result ? answer.result.ignoredContextKeys : answer.results.flatMap((one) => one.ignoredContextKeys)
  return { allowed: answer.overallResult === 'Allowed', error: null, ignored: ignored ?? [] }
}

const answers = []
for (const request of requests) {
  answers.push(await decide(request))
}
process.stdout.write(JSON.stringify(answers))
