// The example of the first steps goes live as it is.
import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@hakiri/client/client';
import { newKey } from '@hakiri/config-doc/schema';
import { startEmbedded } from '@hakiri/embedded/embedded';
import { planImport } from '@hakiri/manifest/import';
import { parseManifest } from '@hakiri/manifest/parse';
import { validateConfig } from '@hakiri/manifest/validate';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';

const EXAMPLE = join(import.meta.dir, 'example.toml');

test('[PG1.28] the example is valid, without a warning', () => {
  const parsed = parseManifest(readFileSync(EXAMPLE, 'utf8'));
  if (parsed.kind !== 'parsed') throw new Error(JSON.stringify(parsed.issues));
  const { draft } = planImport(parsed.draft, { pipelines: [], variables: [] }, newKey);
  const { config, issues } = validateConfig(draft);
  expect(issues).toEqual([]);
  expect(config?.pipelines.map(({ id }) => id)).toContain('orders');
});

test('[PG1.28] each pipeline of the example runs on the local node as it is', async () => {
  const folder = await makeTempDirectory();
  const server = await startEmbedded({
    ...{ dataDir: folder.path, hostname: '127.0.0.1', port: 0, logLevel: 'error' },
  });
  try {
    const { apply, runs } = createClient({ url: server.url, token: server.ownerToken });
    await apply.import(readFileSync(EXAMPLE, 'utf8'), { doc: 'main', format: 'toml' });
    const { version } = await apply.document('main');
    await apply.apply({ doc: 'main', scope: { kind: 'all' }, version, message: 'the example' });
    const { pipelines } = (await apply.document('main')).config;
    expect(pipelines.length).toBeGreaterThan(2);
    for (const { id } of pipelines) {
      // The scheduler hears of a manifest a moment after it is published.
      const { id: run } = await until(() => runs.start(String(id)).catch(() => undefined));
      const { state, error } = await until(async () => {
        const now = await runs.show(run);
        return now.state === 'succeeded' || now.state === 'failed' ? now : undefined;
      });
      expect([id, state, error]).toEqual([id, 'succeeded', undefined]);
    }
  } finally {
    await server.stop();
    await folder.remove();
  }
});
