// What is measured: an embedded deployment with 200 pipelines, as `npm start` would run it.
import { type Client, createClient } from '@hakiri/client/client';
import { type Deployment, embeddedDeployment } from '@hakiri/tests/deployments';
import { join, type Person } from '@hakiri/tests/people';

export const PIPELINES = 200;

export type Subject = {
  deployment: Deployment;
  client: Client;
  editor(name: string): Promise<Person>;
  stop(): Promise<void>;
};

export async function startSubject(): Promise<Subject> {
  const deployment = await embeddedDeployment();
  const { url, ownerToken, team, doc } = deployment.ready();
  const client = createClient({ url, token: ownerToken });
  await client.apply.import(configuration(PIPELINES), { format: 'toml' });
  return {
    deployment,
    client,
    editor: (name) => join(name, { url, team, doc, token: ownerToken }),
    stop: () => deployment.stop(),
  };
}

/** Pipelines as people write them: two transforms and four columns each. */
function configuration(count: number): string {
  return Array.from(
    { length: count },
    (_, index) => `[[pipeline]]
id = "pipeline-${index}"
name = "Pipeline number ${index}"
description = "Copies what changed since the last run into the warehouse, one partition a day."
group = "bench/group-${index % 10}"
tags = ["bench", "tier-${index % 3}"]
source = { kind = "csv-file", ref = "orders.csv" }
destination = { table = "bench.table_${index}" }
schedule = { kind = "cron", expr = "${index % 60} 3 * * *", timezone = "Europe/Berlin" }
placement = { kind = "auto" }

[[pipeline.transforms]]
kind = "filter"
body = "amount > ${index}"
inputs = ["amount"]

[[pipeline.transforms]]
kind = "select"
body = ""
inputs = ["id", "amount", "country"]

[pipeline.schema]
id = { type = "int64" }
amount = { type = "float64" }
country = { type = "utf8", nullable = true }
created_at = { type = "timestamp" }
`,
  ).join('\n');
}
