// `node peer.mjs libraries templates folder`: the same resources in the same stacks, by the CDK without Python.
//
// Each resource is one `CfnResource` with its properties as they are: what no app in TypeScript can do without.
import { createRequire } from "node:module";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [libraries, templates, folder] = process.argv.slice(2);
const cdk = createRequire(join(libraries, "node_modules", "peer.js"))("aws-cdk-lib");
const quiet = { analyticsReporting: false, stackTraces: false, builtinCloudFormationValidation: false };
const app = new cdk.App({ outdir: folder, ...quiet });
for (const file of readdirSync(templates, { recursive: true })) {
  if (!file.endsWith(".template.json")) continue;
  const template = JSON.parse(readFileSync(join(templates, file)));
  const stack = new cdk.Stack(app, file.replaceAll(/[^A-Za-z0-9]/g, "-"));
  for (const [id, resource] of Object.entries(template.Resources ?? {})) {
    const created = new cdk.CfnResource(stack, id, { type: resource.Type, properties: resource.Properties });
    created.overrideLogicalId(id);
  }
}
app.synth();
