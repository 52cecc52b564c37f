// Looking at whole documents without an Apply: bounded for a team and for the process.
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { bodyFile } from '@hakiri/contracts/revision';
import { until } from '@hakiri/testing/until';
import { sql } from 'drizzle-orm';
import type { ApplyConfig } from '../config.ts';
import { apply, type Bed, get, openBed, type Running } from '../testing/bed.ts';
import { pipeline } from '../testing/bed-peer.ts';
import { createLooks } from './looks.ts';

const NEVER = new AbortController().signal;

test('[AP4.15] so many of a team and of all look at once, others in order; one too many of a team is turned away, another team is not', async () => {
  const looks = createLooks({ looksLimit: 3, looksPerTeamLimit: 2, looksWaitingLimit: 1 }, () => {});
  const gates = new Map<string, () => void>();
  const look = (team: string, name: string) =>
    looks.run(team, NEVER, () => new Promise<void>((resolve) => gates.set(name, resolve)));
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

test('[AP4.15] a team that looks no more is forgotten, however its looks end', async () => {
  let teams = 0;
  const limits = { looksLimit: 3, looksPerTeamLimit: 2, looksWaitingLimit: 1 };
  const looks = createLooks(limits, (looking) => {
    teams = looking;
  });
  const failing = looks.run('a', NEVER, () => Promise.reject(new Error('no')));
  expect(teams).toBe(1);
  await expect(failing).rejects.toThrow('no');
  await Promise.all(['a', 'a', 'b'].map((team) => looks.run(team, NEVER, async () => undefined)));
  expect(teams).toBe(0);
});

test('[AP4.15] who leaves while they wait makes room for the next of their team', async () => {
  const bed = await openBed();
  const first = await bed.start();
  const token = bed.token('owner');
  const version = bed.peer.edit({ pipelines: [pipeline(1)], variables: [] });
  await apply(first.url, token, { scope: { kind: 'all' }, version });
  const {
    url,
    held: isHeld,
    release,
  } = await restarted(bed, first, { looksPerTeamLimit: 1, looksWaitingLimit: 2 });
  const ask = (signal?: AbortSignal) =>
    fetch(`${url}/v1/manifest/diff?from=v0&to=v1`, {
      headers: { authorization: `Bearer ${token}` },
      ...(signal ? { signal } : {}),
    }).then(
      ({ status }) => status,
      () => 'left',
    );
  const held = ask();
  await until(isHeld);
  const leaving = new AbortController();
  const left = [ask(leaving.signal), ask(leaving.signal)];
  // Both wait as soon as there is no room for another.
  await until(async () => (await ask(AbortSignal.timeout(50))) === 429);
  leaving.abort();
  expect(await Promise.all(left)).toEqual(['left', 'left']);
  // Whoever is let in waits, until it leaves, too; who is not is told at once.
  await until(async () => (await ask(AbortSignal.timeout(500))) === 'left');
  release();
  expect(await held).toBe(200);
  await bed.close();
});

test('[AP4.15] validate, dry run, proposal, import, merge, export, revert, patch and a difference look; an Apply does not wait for them', async () => {
  const bed = await openBed();
  const limits = { looksPerTeamLimit: 1, looksWaitingLimit: 0 };
  const first = await bed.start();
  const applier = bed.token('owner');
  const edit = (name: string) => bed.peer.edit({ pipelines: [pipeline(1, { name })], variables: [] });
  const all = { scope: { kind: 'all' } } as const;
  const version = edit('a');
  await apply(first.url, applier, { ...all, version });
  const at = new Date(Date.now() + 3_600_000).toISOString();
  const waits = await apply(first.url, applier, { ...all, version, at });
  const { url, held: isHeld, release } = await restarted(bed, first, limits);
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
    // What is refused for what it holds would have been parsed.
    () => post('manifest/import?dryRun=true', 'not = ', 'application/toml'),
    async () => (await get(url, applier, 'diff')).status,
    () => post('manifest/merge', { folder: 'f', files, dryRun: true, base: { files: [] } }),
    async () => (await get(url, applier, 'export')).status,
    () => post('manifest/revert', { to: 'v1', dryRun: true }),
    () => post('manifest/pipelines/p-1', { name: 'c' }, 'application/merge-patch+json', 'PATCH'),
    () => post('manifest/pipelines/p-1', '{', 'application/merge-patch+json', 'PATCH'),
  ];
  const held = look('manifest/validate');
  await until(isHeld);
  expect(await Promise.all(looks.map((one) => one()))).toEqual(looks.map(() => 429));
  expect((await apply(url, applier, { ...all, version: edit('b') })).status).toBe(200);
  release();
  expect(await held).toBe(200);
  for (const one of looks.slice(0, 3)) expect(await one()).toBe(200);
  await bed.close();
});

/** A process that remembers nothing, and whose first read of the manifest that is live is held. */
async function restarted(bed: Bed, first: Running, config: Partial<ApplyConfig>) {
  await first.stop();
  // Else the database has it.
  const { orm } = await bed.substrate.database('apply', join(import.meta.dir, '../migrations'));
  await orm.run(sql`delete from bodies`);
  const gate = Promise.withResolvers<void>();
  let isHeld = false;
  const { url } = await bed.start({
    config,
    blobs: (store) => ({
      ...store,
      get: async (key) => {
        if (!isHeld && key.endsWith(bodyFile({ number: 1, minor: 0 }))) {
          isHeld = true;
          await gate.promise;
        }
        return store.get(key);
      },
    }),
  });
  return { url, held: () => isHeld, release: gate.resolve };
}
