// The policy and dry runs over real HTTP, on the embedded substrate.
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { utf8 } from '@hakiri/base/bytes';
import type { ApplyBody } from '@hakiri/contracts/apply';
import { NO_POLICY } from '@hakiri/contracts/policy';
import { digestOf } from '@hakiri/manifest/digest';
import { until } from '@hakiri/testing/until';
import { sql } from 'drizzle-orm';
import { apply } from '../testing/bed.ts';
import { pipeline } from '../testing/bed-peer.ts';
import { ALL, openPolicyBed, type PolicyBed, PROTECTED } from '../testing/bed-policy.ts';

let on: PolicyBed;
beforeEach(async () => {
  on = await openPolicyBed();
});
afterEach(() => on.bed.close());

describe('the policy', () => {
  test('[AP12.4] is read and saved by admins, at the version that was read, and is on record', async () => {
    expect(await on.call('GET', on.bob, 'policy')).toEqual({
      status: 200,
      body: { version: 0, policy: NO_POLICY },
    });
    expect((await on.call('GET', on.alice, 'policy')).status).toBe(403);
    expect((await on.call('PUT', on.alice, 'policy', { version: 0, policy: NO_POLICY })).status).toBe(403);
    expect(await on.save(PROTECTED)).toMatchObject({ status: 200, body: { version: 1, savedBy: 'olga' } });
    expect(await on.save(NO_POLICY)).toMatchObject({ status: 409, body: { code: 'conflict' } });
    const both = await Promise.all([on.save(NO_POLICY, 1), on.save(PROTECTED, 1)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const wrong = { ...NO_POLICY, ticket: { pattern: '(' } };
    expect(await on.save(wrong, 2)).toMatchObject({
      status: 422,
      body: { code: 'invalid_config', issues: [{ path: '/ticket/pattern', code: 'policy.pattern_invalid' }] },
    });
    const nobody = { roles: [], users: [] };
    const noTime = { kind: 'between' as const, from: 'tomorrow', until: '2026-12-24T18:00:00Z' };
    const backwards = {
      kind: 'between' as const,
      from: '2026-12-25T00:00:00Z',
      until: '2026-12-24T00:00:00Z',
    };
    const faulty = {
      ...NO_POLICY,
      protected: [
        { group: 'a', approvals: 1, by: nobody },
        { group: 'a/', approvals: 1, by: PROTECTED.protected[0]?.by ?? nobody },
      ],
      freezes: [
        { name: 'one', when: noTime },
        { name: 'two', when: backwards },
      ],
    };
    expect((await on.save(faulty, 2)).body.issues).toMatchObject([
      { path: '/protected/1/group', code: 'policy.group_twice' },
      { path: '/protected/0/by', code: 'policy.nobody' },
      { path: '/freezes/0/when/from', code: 'policy.time_invalid' },
      { path: '/freezes/1/when/until', code: 'policy.time_order' },
    ]);
    await until(() => on.audited('manifest.policy').filter(({ outcome }) => outcome === 'done').length === 2);
    expect(on.audited('manifest.policy')[0]?.detail).toMatchObject({ before: NO_POLICY, after: PROTECTED });
  });

  test('[AP12.5, AP12.6] refuses what has no message or comes in a freeze, and puts an override on record', async () => {
    on.edit();
    const freeze = { kind: 'between' as const, from: '2020-01-01T00:00:00Z', until: '2120-01-01T00:00:00Z' };
    await on.save({ ...NO_POLICY, requireMessage: true, freezes: [{ name: 'audit', when: freeze }] });
    expect(await on.send()).toMatchObject({ status: 422, body: { code: 'message_required' } });
    expect(await on.send({ message: 'go' })).toMatchObject({ status: 409, body: { code: 'frozen' } });
    expect(await on.send({ message: 'go', override: true })).toMatchObject({
      status: 409,
      body: { code: 'frozen' },
    });
    expect(await on.send({ message: 'outage', override: true }, on.bob)).toMatchObject({
      status: 200,
      body: { revision: { number: 1 } },
    });
    await until(() => on.audited('manifest.apply').some(({ outcome }) => outcome === 'done'));
    expect(on.audited('manifest.apply').find(({ outcome }) => outcome === 'done')?.detail).toMatchObject({
      overrode: ['audit'],
      message: 'outage',
    });
    const dry = await on.call('POST', on.alice, 'apply?dryRun=true', {
      scope: ALL,
      version: on.edit({ enabled: false }),
      message: 'x',
    });
    expect(dry.body.policy).toMatchObject({ kind: 'refused', problem: { code: 'frozen' } });
  });
});

test('[AP12.6] a freeze that was over when the Apply went live is not on record as overridden', async () => {
  on.edit();
  const freeze = { kind: 'between' as const, from: '2020-01-01T00:00:00Z', until: '2120-01-01T00:00:00Z' };
  await on.save({ ...NO_POLICY, freezes: [{ name: 'audit', when: freeze }] });
  // Past the policy, and not committed.
  const { orm } = await on.bed.substrate.database('apply', join(import.meta.dir, '../migrations'));
  await orm.run(sql`create trigger full before insert on revisions begin select raise(abort, 'full'); end`);
  const sent = await apply(
    on.url,
    on.bob,
    { scope: ALL, version: on.bed.peer.version(), message: 'outage', override: true },
    { prefer: 'wait=1' },
  );
  expect(sent.status).toBe(202);
  await on.save(NO_POLICY, 1);
  await orm.run(sql`drop trigger full`);
  await until(() => on.audited('manifest.apply').length === 1);
  expect(on.audited('manifest.apply')[0]?.outcome).toBe('done');
  expect(on.audited('manifest.apply')[0]?.detail).not.toHaveProperty('overrode');
  expect((await on.read(`requests/${sent.body.id}`)).overrode).toBeUndefined();
});

describe('a dry run', () => {
  test('[AP12.13] is, to the byte, what the Apply then publishes, and publishes nothing itself', async () => {
    on.edit();
    await on.send();
    const version = on.bed.peer.edit({
      pipelines: [pipeline(1, { description: 'ü' }), pipeline(5)],
      variables: [],
    });
    for (const scope of [{ kind: 'group', group: 'odd' } as const, ALL]) {
      const dry = await on.call('POST', on.alice, 'apply?dryRun=true', { scope, version });
      expect(dry).toMatchObject({
        status: 200,
        body: { unchanged: false, warnings: [], policy: { kind: 'go' } },
      });
      const { body } = await on.send({ scope, version });
      expect(body.revision).toMatchObject({ label: dry.body.revision, digest: dry.body.digest });
      const published = await (await on.fetch(`revisions/${dry.body.revision}/manifest.toml`)).text();
      expect(dry.body.toml).toBe(published);
      expect(await digestOf(utf8(published))).toBe(dry.body.digest);
      expect(await on.read(`diff?to=${dry.body.revision}`)).toEqual(dry.body.diff);
    }
    expect(await on.call('POST', on.alice, 'apply?dryRun=true', { scope: ALL, version })).toMatchObject({
      body: { unchanged: true, revision: 'v3' },
    });
    expect((await on.bed.index())?.revisions).toHaveLength(3);
  });

  test('[AP12.13] says what the policy would say, and refuses what the Apply would be refused for', async () => {
    await on.save(PROTECTED);
    on.edit();
    const dry = (body: Partial<ApplyBody>, token = on.alice) =>
      on.call('POST', token, 'apply?dryRun=true', { scope: ALL, version: on.bed.peer.version(), ...body });
    expect((await dry({})).body.policy).toEqual({
      kind: 'approval',
      needs: [{ group: 'odd', approvals: 1, given: 0 }],
    });
    expect((await dry({ at: '2020-01-01T00:00:00Z' })).body.policy).toMatchObject({
      problem: { code: 'apply_missed' },
    });
    expect(await dry({ at: 'soon' })).toMatchObject({ status: 400, body: { code: 'malformed' } });
    expect(await dry({ at: '2030-01-01T00:00:00Z', window: 'next' })).toMatchObject({ status: 400 });
    expect(await dry({}, on.bed.token('viewer'))).toMatchObject({ status: 403 });
    on.bed.peer.edit({ pipelines: [pipeline(1, { id: 'Not An Id' })], variables: [] });
    expect(await dry({})).toMatchObject({ status: 422, body: { code: 'invalid_config' } });
    expect(await dry({ version: 'bmV2ZXI' })).toMatchObject({
      status: 409,
      body: { code: 'version_unknown' },
    });
    expect((await on.read('requests?state=all')).requests).toEqual([]);
  });
});

test('[AP11.7] the OpenAPI description has requests, their decisions and the policy, with what they take and answer', async () => {
  const description = await (await fetch(`${on.url}/openapi/apply.json`)).json();
  const methods = Object.entries(description.paths).flatMap(([path, item]) =>
    Object.keys(Object(item)).map((method) => `${method} ${path.replace('/v1/manifest', '')}`),
  );
  expect(methods).toEqual(
    expect.arrayContaining([
      'post /apply',
      'get /requests',
      'get /requests/{id}',
      'post /requests/{id}/approve',
      'post /requests/{id}/reject',
      'post /requests/{id}/cancel',
      'get /policy',
      'put /policy',
    ]),
  );
  const applied = description.paths['/v1/manifest/apply'].post;
  expect(applied.parameters.map(({ name }: { name: string }) => name)).toContain('dryRun');
  expect(JSON.stringify(applied.requestBody)).toContain('"timezone"');
  const saved = description.paths['/v1/manifest/policy'].put;
  expect(JSON.stringify(saved.requestBody)).toContain('"freezes"');
  expect(JSON.stringify(saved.responses)).toContain('"savedBy"');
});
