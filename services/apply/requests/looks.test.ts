// Looking at whole documents without an Apply: bounded for a team and for the process.
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { bodyFile } from '@hakiri/contracts/revision';
import { until } from '@hakiri/testing/until';
import { sql } from 'drizzle-orm';
import { apply, get, openBed } from '../testing/bed.ts';
import { pipeline } from '../testing/bed-peer.ts';
import { createLooks } from './looks.ts';

test('[AP4.15] so many of a team and of all look at once, others in order; one too many of a team is turned away, another team is not', async () => {
  const looks = createLooks({ looksLimit: 3, looksPerTeamLimit: 2, looksWaitingLimit: 1 });
  const gates = new Map<string, () => void>();
  const look = (team: string, name: string) =>
    looks.run(team, () => new Promise<void>((resolve) => gates.set(name, resolve)));
  const begun = () => [...gates.keys()];
  const [a1, a2, a3] = [look('a', 'a1'), look('a', 'a2'), look('a', 'a3')];
  await expect(look('a', 'a4')).rejects.toMatchObject({ code: 'rate_limited' });
  const [b1, b2] = [look('b', 'b1'), look('b', 'b2')];
  await until(() => gates.size === 3);
  expect(begun()).toEqual(['a1', 'a2', 'b1']);
  gates.get('a1')?.();
  await a1;
  await until(() => gates.size === 4);
  expect(begun()).toEqual(['a1', 'a2', 'b1', 'b2']);
  for (const name of ['a2', 'b1', 'b2']) gates.get(name)?.();
  await Promise.all([a2, b1, b2]);
  await until(() => gates.has('a3'));
  gates.get('a3')?.();
  await a3;
});

test('[AP4.15] validate, dry run, proposal, import, merge, export, revert and patch look; an Apply does not wait for them', async () => {
  const bed = await openBed();
  let isHeld = false;
  const gate = Promise.withResolvers<void>();
  const limits = { looksPerTeamLimit: 1, looksWaitingLimit: 0 };
  const first = await bed.start();
  const applier = bed.token('owner');
  const edit = (name: string) => bed.peer.edit({ pipelines: [pipeline(1, { name })], variables: [] });
  const all = { scope: { kind: 'all' } } as const;
  const version = edit('a');
  await apply(first.url, applier, { ...all, version });
  const at = new Date(Date.now() + 3_600_000).toISOString();
  const waits = await apply(first.url, applier, { ...all, version, at });
  await first.stop();
  // Else the database has it.
  const { orm } = await bed.substrate.database('apply', join(import.meta.dir, '../migrations'));
  await orm.run(sql`delete from bodies`);
  const { url } = await bed.start({
    config: limits,
    blobs: (store) => ({
      ...store,
      // Of the manifest that is live, once.
      get: async (key) => {
        if (!isHeld && key.endsWith(bodyFile({ number: 1, minor: 0 }))) {
          isHeld = true;
          await gate.promise;
        }
        return store.get(key);
      },
    }),
  });
  const post = async (path: string, body: unknown, type = 'application/json', method = 'POST') => {
    const response = await fetch(`${url}/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${applier}`, 'content-type': type },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return response.status;
  };
  const look = (path: string) => post(path, { ...all, version: bed.peer.version() });
  const files = [{ name: 'a.toml', text: '' }];
  const looks = [
    () => look('manifest/validate'),
    () => look('manifest/apply?dryRun=true'),
    async () => (await get(url, applier, `requests/${waits.body.id}`)).status,
    () => post('manifest/import?dryRun=true', '', 'application/toml'),
    () => post('manifest/merge', { folder: 'f', files, dryRun: true, base: { files: [] } }),
    async () => (await get(url, applier, 'export')).status,
    () => post('manifest/revert', { to: 'v1', dryRun: true }),
    () => post('manifest/pipelines/p-1', { name: 'c' }, 'application/merge-patch+json', 'PATCH'),
  ];
  const held = look('manifest/validate');
  await until(() => isHeld);
  expect(await Promise.all(looks.map((one) => one()))).toEqual(looks.map(() => 429));
  expect((await apply(url, applier, { ...all, version: edit('b') })).status).toBe(200);
  gate.resolve();
  expect(await held).toBe(200);
  for (const one of looks.slice(0, 3)) expect(await one()).toBe(200);
  await bed.close();
});
