// Files in and out, and the question "what would an Apply come to".
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { ImportResult, Validation } from '@hakiri/contracts/apply';
import { PAGE_LIMIT_BYTES } from '@hakiri/contracts/sync';
import { hakiriTomlSchema } from '@hakiri/manifest/toml-schema';
import { until } from '@hakiri/testing/until';
import { batchEdits } from '../documents/edit-batches.ts';
import { apply, type Bed, get, openBed, type Running } from '../testing/bed.ts';
import { keyOf, pipeline } from '../testing/bed-peer.ts';

const ALL = { kind: 'all' } as const;
const FILE = `
[[pipeline]]
id = "p-1"
source = { kind = "csv", ref = "p-1.csv" }
destination = { table = "raw.p1" }
schedule = { kind = "every", expr = "15m" }

[[pipeline]]
id = "orders"
group = "shop"
source = { kind = "http", ref = "https://\${HOST}/orders" }
destination = { table = "raw.orders" }
schedule = { kind = "on-event", expr = "pipeline.finished:p-1" }

[[variable]]
name = "HOST"
value = "shop.example"
`;
let bed: Bed;
let running: Running;
let editor: string;

beforeEach(async () => {
  bed = await openBed();
  running = await bed.start();
  editor = bed.token('editor');
});
afterEach(() => bed.close());

type Answer<Body> = {
  status: number;
  body: Body & { code?: string; issues?: { code: string; path: string }[] };
};

async function post<Body>(
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  type = 'application/toml',
  token = editor,
): Promise<Answer<Body>> {
  const response = await fetch(`${running.url}/v1/manifest/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': type },
    body,
  });
  return { status: response.status, body: await response.json() };
}
const importFile = (query: string, text: string | Uint8Array<ArrayBuffer>, type?: string, token?: string) =>
  post<ImportResult>(`import${query}`, text, type, token);
const ids = () => bed.peer.current().pipelines.map(({ id }) => String(id));

describe('import', () => {
  test('[AP13.1] merge writes what the file has, keeps keys of what it finds by id, and leaves the rest', async () => {
    bed.peer.edit({ pipelines: [pipeline(1), pipeline(2)], variables: [] });
    const { status, body } = await importFile('', FILE);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      dryRun: false,
      created: ['orders'],
      updated: ['p-1'],
      unchanged: [],
      deleted: [],
      variables: 1,
      version: bed.peer.version(),
    });
    expect(ids()).toEqual(['p-1', 'p-2', 'orders']);
    const { pipelines, variables } = bed.peer.current();
    expect(pipelines[0]).toMatchObject({ key: keyOf(1), schedule: { kind: 'every', expr: '15m' } });
    expect(pipelines[2]?.key).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(variables).toMatchObject([{ name: 'HOST', value: 'shop.example' }]);
    await until(() => bed.announced.audited.length === 1);
    expect(bed.announced.audited[0]).toMatchObject({
      action: 'doc.import',
      detail: { created: 1, updated: 1 },
    });
  });

  test('[AP13.2] the same file again changes nothing', async () => {
    await importFile('', FILE);
    const edits = bed.peer.answered.edit;
    const { body } = await importFile('', FILE);
    expect(body).toMatchObject({ created: [], updated: [], unchanged: ['p-1', 'orders'], variables: 0 });
    expect(bed.peer.answered.edit).toBe(edits);
  });

  test('[AP13.3] replace deletes what the file does not have; a dry run says so and does nothing', async () => {
    bed.peer.edit({
      pipelines: [pipeline(1), pipeline(2)],
      variables: [{ key: keyOf(9), name: 'OLD', value: '', comment: '' }],
    });
    const version = bed.peer.version();
    const dry = await importFile('?mode=replace&dryRun=true', FILE);
    expect(dry.body).toMatchObject({ dryRun: true, deleted: ['p-2'], created: ['orders'], version });
    expect([ids(), bed.peer.version(), bed.peer.answered.edit]).toEqual([['p-1', 'p-2'], version, 0]);
    const real = await importFile('?mode=replace', FILE);
    expect(real.body).toMatchObject({ dryRun: false, deleted: ['p-2'] });
    expect(ids()).toEqual(['p-1', 'orders']);
    expect(bed.peer.current().variables.map(({ name }) => String(name))).toEqual(['HOST']);
  });

  test('[AP13.4] what is imported can be applied, and what an Apply would refuse is said at once', async () => {
    const { body } = await importFile('', FILE);
    expect(body.issues?.filter(({ code }) => code.startsWith('schedule'))).toEqual([]);
    const applied = await apply(running.url, bed.token('applier'), { scope: ALL, version: body.version });
    expect(applied.body.revision).toMatchObject({ number: 1, pipelines: 2 });
    const wrong = await importFile('', FILE.replace('15m', 'soon'));
    expect(wrong.status).toBe(200);
    expect(wrong.body.issues).toMatchObject([{ path: '/pipelines/p-1/schedule/expr' }]);
  });

  test('[AP13.5] JSON comes in the same way', async () => {
    const { key: _, ...keyless } = pipeline(5);
    const text = JSON.stringify({ pipelines: [pipeline(4), keyless] });
    const { body } = await importFile('', text, 'application/json');
    expect(body.created).toEqual(['p-4', 'p-5']);
    const again = await importFile('', text, 'application/json; charset=utf-8');
    expect(again.body.unchanged).toEqual(['p-4', 'p-5']);
  });

  test('[AP13.6] a file that is wrong is refused with where and why, and nothing is written', async () => {
    const cases: [string | Uint8Array<ArrayBuffer>, string, number, string][] = [
      ['[[pipeline]\n', 'application/toml', 422, 'toml.syntax'],
      ['colour = 1\n', 'text/plain', 422, 'toml.unknown_field'],
      ['{"pipelines": [{"colour": 1}]}', 'application/json', 422, 'json.misfit'],
      ['{', 'application/json', 422, 'json.syntax'],
      [`[[pipeline]]\nkey = "short"\nid = "a"\n`, 'application/toml', 422, 'key'],
      [new Uint8Array([0xff, 0xfe]), 'application/toml', 400, 'malformed'],
      ['a: b', 'application/yaml', 400, 'malformed'],
    ];
    for (const [text, type, status, code] of cases) {
      const answer = await importFile('', text, type);
      expect([answer.status, answer.body.code]).toEqual([
        status,
        status === 422 ? 'invalid_config' : 'malformed',
      ]);
      if (status === 422) expect(answer.body.issues?.[0]?.code).toStartWith(code);
    }
    expect(bed.peer.answered.edit).toBe(0);
    expect((await importFile('?mode=both', FILE)).status).toBe(400);
  });

  test('[AP13.7] only who may write may import; sync away is said, and the import can be repeated', async () => {
    expect((await importFile('', FILE, undefined, bed.token('viewer'))).status).toBe(403);
    bed.peer.setAway(true);
    expect((await importFile('', FILE)).status).toBe(503);
    bed.peer.setAway(false);
    expect((await importFile('', FILE)).status).toBe(200);
  });

  test('[AP13.8] a huge file travels in batches that each fit a message', async () => {
    const many = Array.from({ length: 600 }, (_, n) => pipeline(n, { description: 'x'.repeat(1_000) }));
    const entries = { put: many, putVariables: [], delete: ['a', 'b'], deleteVariables: ['c'] };
    const { batches } = expectBatches(batchEdits(entries));
    expect(batches.length).toBeGreaterThan(2);
    for (const batch of batches) expect(JSON.stringify(batch).length).toBeLessThanOrEqual(PAGE_LIMIT_BYTES);
    expect(batches.flatMap((batch) => batch.put)).toEqual(many);
    expect(batches.at(-1)).toMatchObject({ delete: ['a', 'b'], deleteVariables: ['c'] });
    const tooLarge = pipeline(1, { description: 'x'.repeat(PAGE_LIMIT_BYTES) });
    expect(batchEdits({ ...entries, put: [tooLarge] })).toMatchObject({ kind: 'too_large', id: 'p-1' });
    const { body } = await importFile('', JSON.stringify({ pipelines: many }), 'application/json');
    expect(body.created.length).toBe(600);
    expect(bed.peer.answered.edit).toBe(batches.length);
  });

  test('[AP13.26] a document that is edited while it is read is read again, and nobody is told of a version they never named', async () => {
    const edit = (description: string) => () =>
      void bed.peer.edit({ pipelines: [pipeline(1, { description })], variables: [] });
    edit('')();
    bed.peer.editWhileRead(edit('a'), edit('b'));
    expect(await importFile('', FILE)).toMatchObject({ status: 200, body: { updated: ['p-1'] } });
    bed.peer.editWhileRead(...Array.from('123456', edit));
    const { status, body } = await importFile('', FILE);
    expect([status, body.code]).toEqual([409, 'conflict']);
    expect(JSON.stringify(body)).toContain('goes on being edited while it is read');
    expect(JSON.stringify(body)).not.toContain('you named');
  });

  test('[AP13.27] what a document cannot hold is refused whole, with every issue, before anything is written', async () => {
    bed.peer.edit({ pipelines: [pipeline(1)], variables: [] });
    const [version, one] = [bed.peer.version(), FILE.slice(0, FILE.indexOf('[[pipeline]]', 20))];
    const entry = (id: string, more = ''): string => one.replace('id = "p-1"', `id = "${id}"\n${more}`);
    // More than a batch of good ones first.
    const good = Array.from({ length: 2_000 }, (_, index) => entry(`good-${index}`)).join('');
    const bad = `${entry('zz', 'tags = "x"\nname = 5')}${entry('zy', 'name = 7')}${entry('long', `description = "${'x'.repeat(70_000)}"`)}`;
    for (const query of ['', '?mode=replace', '?dryRun=true']) {
      const { status, body } = await importFile(query, good + bad + entry('soon').replace('15m', 'soon'));
      expect([status, body.code]).toEqual([422, 'invalid_config']);
      expect(body.issues?.map(({ path, code }) => [path, code])).toEqual([
        ['/pipelines/zz/name', 'edit.type'],
        ['/pipelines/zz/tags', 'edit.type'],
        ['/pipelines/zy/name', 'edit.type'],
        ['/pipelines/long/description', 'edit.too_large'],
        ['/pipelines/soon/schedule/expr', 'schedule.every_invalid'],
      ]);
      expect([bed.peer.version(), bed.peer.answered.edit]).toEqual([version, 0]);
    }
  });

  test('[AP13.11] an import that fails on the way says how far it came, is in the audit log, and can be repeated', async () => {
    const many = Array.from({ length: 600 }, (_, n) => pipeline(n, { description: 'x'.repeat(1_000) }));
    const text = JSON.stringify({ pipelines: many });
    bed.peer.setEditLimit(1);
    const failed = await post<{ detail?: string }>('import', text, 'application/json');
    expect([failed.status, failed.body.code]).toEqual([503, 'unavailable']);
    expect(failed.body.detail).toMatch(/1 of \d+ batches are written.*again: that is safe/);
    const written = bed.peer.current().pipelines.length;
    expect(written).toBeGreaterThan(0);
    await until(() => bed.announced.audited.length === 1);
    expect(bed.announced.audited[0]).toMatchObject({
      action: 'doc.import',
      outcome: 'done',
      detail: { written: { batches: 1, entries: written }, code: 'unavailable' },
    });
    bed.peer.setEditLimit(Number.POSITIVE_INFINITY);
    const { body } = await importFile('', text, 'application/json');
    expect([body.unchanged.length, body.created.length]).toEqual([written, 600 - written]);
  });
});

function expectBatches(outcome: ReturnType<typeof batchEdits>) {
  if (outcome.kind !== 'batches') throw new Error(outcome.kind);
  return outcome;
}

describe('export', () => {
  test('[AP13.9] gives what import takes back unchanged, as TOML and as JSON', async () => {
    await importFile('', FILE);
    for (const [format, type] of [
      ['toml', 'application/toml'],
      ['json', 'application/json'],
    ] as const) {
      const response = await get(running.url, editor, `export?format=${format}`);
      expect(response.headers.get('content-type')).toStartWith(type);
      const { body } = await importFile('?mode=replace', await response.text(), type);
      expect(body).toMatchObject({ created: [], updated: [], deleted: [], variables: 0 });
    }
    expect((await get(running.url, bed.token('node'), 'export')).status).toBe(403);
  });

  test('[AP13.10] what TOML cannot hold is listed; JSON holds whatever people typed', async () => {
    bed.peer.edit({ pipelines: [pipeline(1, { id: null, tags: 7 })], variables: [] });
    const toml = await get(running.url, editor, 'export');
    expect([toml.status, (await toml.json()).issues.length > 0]).toEqual([422, true]);
    const json = await get(running.url, editor, 'export', { accept: 'application/json' });
    expect((await json.json()).pipelines[0].tags).toBe(7);
  });
});

test('[AP13.12] the JSON Schema of a hakiri.toml is there for everyone, as the manifest library has it', async () => {
  const response = await fetch(`${running.url}/v1/manifest/schema.json`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/schema+json']);
  expect(await response.json()).toEqual(JSON.parse(JSON.stringify(hakiriTomlSchema())));
});

describe('validate', () => {
  const validate = (token = editor, version = bed.peer.version()) =>
    post<Validation>('validate', JSON.stringify({ scope: ALL, version }), 'application/json', token);

  test('[AP2.4] says what an Apply would come to and publishes nothing', async () => {
    bed.peer.edit({ pipelines: [pipeline(1)], variables: [] });
    const before = await validate();
    expect(before.body).toMatchObject({
      valid: true,
      revision: 'v1',
      unchanged: false,
      diff: { from: 'v0', to: 'v1', pipelines: [{ kind: 'added', id: 'p-1' }] },
    });
    expect(await bed.index()).toBeUndefined();
    await apply(running.url, bed.token('applier'), { scope: ALL, version: bed.peer.version() });
    expect((await validate()).body).toMatchObject({
      valid: true,
      revision: 'v1',
      unchanged: true,
      diff: { pipelines: [] },
    });
  });

  test('[AP2.4] finds the same issues, versions and rights as an Apply', async () => {
    const version = bed.peer.edit({ pipelines: [pipeline(1, { id: 'Not Good' })], variables: [] });
    const { body } = await validate();
    expect(body.valid).toBe(false);
    const refused = await apply(running.url, bed.token('applier'), { scope: ALL, version });
    expect<unknown>(refused.body).toMatchObject({ issues: body.issues });
    expect((await validate(editor, 'bm9uZQ')).body.code).toBe('version_unknown');
    expect((await validate(bed.token('node'))).status).toBe(403);
    bed.peer.setAway(true);
    expect((await validate()).status).toBe(503);
  });
});
