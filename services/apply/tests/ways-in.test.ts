// What comes in over HTTP and may not: refused with its place before anything is written, in words that say what would do.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { NO_POLICY } from '@hakiri/contracts/policy';
import { Problem } from '@hakiri/contracts/problem';
import { Value } from '@sinclair/typebox/value';
import { type Bed, openBed } from '../testing/bed.ts';
import { pipeline } from '../testing/bed-peer.ts';

const MERGE_PATCH = 'application/merge-patch+json';
const HALF = 'text.malformed';
const TOO_LARGE = '9007199254740993';
let bed: Bed;
let url: string;

beforeAll(async () => {
  bed = await openBed();
  ({ url } = await bed.start());
  bed.peer.edit({ pipelines: [pipeline(1)], variables: [] });
});
afterAll(() => bed.close());

type Said = { status: number; detail: string; issues: string[] };

/** `version`: what the document has before and after, as nothing may be written. */
async function refused(method: string, path: string, body: string, type = 'application/json'): Promise<Said> {
  const before = bed.peer.version();
  const response = await fetch(`${url}/v1/manifest/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${bed.token('owner')}`,
      'content-type': type,
      'idempotency-key': crypto.randomUUID(),
    },
    body,
  });
  const problem = Value.Parse(Problem, await response.json());
  expect(bed.peer.version()).toBe(before);
  const issues = (problem.issues ?? []).map(({ path: at, code }) => `${at} ${code}`);
  return { status: response.status, detail: problem.detail, issues };
}

const jsonFile = (option: string) =>
  `{"pipelines":[{"id":"n","source":{"kind":"csv-file","ref":"x",${option}},"destination":{"table":"a.b"},"schedule":{"kind":"every","expr":"1h"}}]}`;
const mergeOf = (name: string, text: string) =>
  JSON.stringify({ folder: 'f', files: [{ name, text }], base: { files: [] } });

test('[AP2.21] a number that not every reader has is refused on every way in, and nothing is written', async () => {
  const place = '/pipelines/n/source/m number.unsafe';
  for (const number of [TOO_LARGE, '-9007199254740992', '1e400']) {
    const patch = await refused('PATCH', 'pipelines/p-1', `{"source":{"m":${number}}}`, MERGE_PATCH);
    expect(patch).toMatchObject({ status: 422, issues: ['/source/m number.unsafe'] });
    const file = jsonFile(`"m":${number}`);
    expect(await refused('POST', 'import', file)).toMatchObject({ status: 422, issues: [place] });
    const merge = await refused('POST', 'merge', mergeOf('a.json', file));
    expect(merge).toMatchObject({ status: 422, issues: [place] });
  }
  const half = await refused('PATCH', 'pipelines/p-1', '{"description":"a\\ud800"}', MERGE_PATCH);
  expect(half).toMatchObject({ status: 422, issues: [`/description ${HALF}`] });
  const imported = await refused('POST', 'import', jsonFile('"m":"a\\udc00"'));
  expect(imported).toMatchObject({ status: 422, issues: [`/pipelines/n/source/m ${HALF}`] });
});

test('[AP2.22] a field that nobody knows hides nothing else, in JSON and in a folder too', async () => {
  const file = jsonFile('"m":1').replace('"id":"n"', '"id":"n","colour":"red","enabled":"yes"');
  const found = ['/pipelines/0/colour json.misfit', '/pipelines/n/enabled enabled.invalid'];
  expect(await refused('POST', 'import', file)).toMatchObject({ status: 422, issues: found });
  expect(await refused('POST', 'merge', mergeOf('a.json', file))).toMatchObject({ issues: found });
});

test('[AP2.22] in a policy a time zone that is not there does not hide a cron expression that is none', async () => {
  const when = { kind: 'recurring', cron: 'x y', timezone: 'Mars', minutes: 5 };
  const policy = { ...NO_POLICY, freezes: [{ name: 'f', when }] };
  const { issues } = await refused('PUT', 'policy', JSON.stringify({ version: 0, policy }));
  expect(issues).toEqual([
    '/freezes/0/when/timezone schedule.timezone_unknown',
    '/freezes/0/when/cron schedule.cron_invalid',
  ]);
});

test('[AP2.24] a scope of no known form is told the forms, a time zone that is not there its name and the nearest', async () => {
  const version = bed.peer.version();
  for (const scope of [{ kind: 'some' }, 'all', {}]) {
    const body = JSON.stringify({ scope, version });
    const { status, detail } = await refused('POST', 'apply', body);
    expect(status).toBe(400);
    for (const form of ['"all"', '"group"', '"pipelines"', '"selection"']) expect(detail).toContain(form);
  }
  const at = { scope: { kind: 'all' }, version, at: '2099-01-29T02:30:00', timezone: 'Europe/Berln' };
  const zone = await refused('POST', 'apply', JSON.stringify(at));
  expect(zone).toMatchObject({ status: 400, issues: ['/timezone schedule.timezone_unknown'] });
  expect(zone.detail).toContain('Europe/Berln');
  expect(zone.detail).toContain('Europe/Berlin');
});
