// Pipelines that are live without anybody having clicked: what tests of runs begin from.
import type { Client } from '@hakiri/client/client';
import { until } from '@hakiri/testing/until';

/** Of the long pipeline: enough to look at it, and to cancel it, while it goes on. */
const LONG_TRANSFORMS = 60;

/**
 * None is due within months: a tick in the middle of a test would be a run that nobody started.
 *
 * One that the local node carries out, one with many steps, one that fails there, one that no node takes, one that is off, one that waits for another.
 */
export const RUN_CONFIG = `
[[pipeline]]
id = "stock"
name = "Stock"
source = { kind = "csv-file", ref = "orders.csv" }
destination = { table = "stock" }
schedule = { kind = "cron", expr = "0 6 1 1 *", timezone = "Europe/Berlin" }
placement = { kind = "auto" }

[[pipeline]]
id = "long"
name = "Long"
source = { kind = "csv-file", ref = "orders.csv" }
destination = { table = "long" }
schedule = { kind = "every", expr = "90d" }
placement = { kind = "auto" }
${'\n[[pipeline.transforms]]\nkind = "filter"\nbody = \'quantity > 0\'\ninputs = ["quantity"]\n'.repeat(LONG_TRANSFORMS)}
[[pipeline]]
id = "broken"
name = "Broken"
source = { kind = "csv-file", ref = "no-such-file.csv" }
destination = { table = "broken" }
schedule = { kind = "every", expr = "90d" }
placement = { kind = "auto" }

[[pipeline]]
id = "elsewhere"
name = "Elsewhere"
source = { kind = "csv-file", ref = "orders.csv" }
destination = { table = "elsewhere" }
schedule = { kind = "every", expr = "90d" }
placement = { kind = "label", target = "moon" }

[[pipeline]]
id = "paused"
name = "Paused"
enabled = false
source = { kind = "csv-file", ref = "orders.csv" }
destination = { table = "paused" }
schedule = { kind = "every", expr = "1h" }
placement = { kind = "auto" }

[[pipeline]]
id = "after-stock"
name = "After stock"
source = { kind = "csv-file", ref = "orders.csv" }
destination = { table = "after_stock" }
schedule = { kind = "on-event", expr = "pipeline.finished:stock" }
placement = { kind = "label", target = "moon" }
`;

/** Imports `toml` into the document, applies all of it, and waits until the scheduler has taken it over. */
export async function applyToml(client: Client, toml: string): Promise<void> {
  const { version, created } = await client.apply.import(toml, { format: 'toml', mode: 'replace' });
  await client.apply.apply({ scope: { kind: 'all' }, version, message: 'for the tests' });
  await until(async () => (await client.runs.schedules()).schedules.length >= created.length, {
    timeoutMs: 30_000,
  });
}
