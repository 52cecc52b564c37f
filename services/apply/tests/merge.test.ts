// Folders merged into a document and pipelines patched over HTTP: who may, what is refused and what is on record.
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { ConfigDraft, PipelineDraft } from '@hakiri/contracts/config';
import { FOLDER_BYTES_LIMIT, type MergeBody } from '@hakiri/contracts/merge';
import { until } from '@hakiri/testing/until';
import { apply, type Bed, openBed, type Running } from '../testing/bed.ts';
import { keyOf, pipeline } from '../testing/bed-peer.ts';

const ALL = { kind: 'all' } as const;
let bed: Bed;
let running: Running;
let editor: string;

beforeEach(async () => {
  bed = await openBed();
  running = await bed.start();
  editor = bed.token('editor');
});
afterEach(() => bed.close());

const draft = (...pipelines: PipelineDraft[]): ConfigDraft => ({ pipelines, variables: [] });
const file = (name: string, ...pipelines: PipelineDraft[]) => ({ name, text: JSON.stringify({ pipelines }) });

async function send(
  method: string,
  path: string,
  type: string,
  text: string,
  { token = editor, headers = {} }: { token?: string; headers?: Record<string, string> } = {},
) {
  const response = await fetch(`${running.url}/v1/manifest/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': type, ...headers },
    body: text,
  });
  return { status: response.status, body: await response.json(), etag: response.headers.get('etag') };
}
const merge = (body: Partial<MergeBody>, token?: string) =>
  send(
    'POST',
    'merge',
    'application/json',
    JSON.stringify({ folder: 'git', files: [], ...body }),
    token === undefined ? {} : { token },
  );
const patch = (id: string, fields: unknown, more: Parameters<typeof send>[4] = {}) =>
  send('PATCH', `pipelines/${id}`, 'application/merge-patch+json', JSON.stringify(fields), more);
const importInto = (doc: string, toml: string) => send('POST', `import?doc=${doc}`, 'application/toml', toml);

describe('merge', () => {
  test('[AP13.17] a conflict is a problem with every value, and nothing is written', async () => {
    bed.peer.edit(draft(pipeline(1), pipeline(2)));
    const files = [file('a.json', pipeline(1, { group: 'mine' }), pipeline(3))];
    const { status, body } = await merge({ files });
    expect([status, body.code]).toEqual([409, 'merge_conflict']);
    expect(body.conflicts).toEqual([{ path: '/pipelines/p-1/group', mine: 'mine', theirs: 'odd' }]);
    expect(bed.peer.answered.edit).toBe(0);
    const named = await merge({ files, base: { files: [file('b.json', pipeline(1))] } });
    expect([named.status, named.body.base, bed.peer.current().pipelines.length]).toEqual([
      200,
      { kind: 'files' },
      3,
    ]);
  });

  test('[AP13.19] what stands twice is refused with both files', async () => {
    const { status, body } = await merge({
      files: [file('a.json', pipeline(1)), file('b.json', pipeline(1))],
    });
    expect([status, body.code]).toEqual([422, 'invalid_config']);
    expect(body.issues.map(({ code }: { code: string }) => code)).toEqual(['files.repeated']);
    expect(body.issues[0].message).toContain('in a.json and in b.json');
  });

  test('[AP13.27] what a document cannot hold is refused before anything is written, under the name that the file has', async () => {
    bed.peer.edit(draft(pipeline(1)));
    // Of what no pipeline uses an Apply says nothing.
    const misfit = { key: keyOf(9), name: 'HOST', value: '', comment: 'x'.repeat(70_000) };
    const text = JSON.stringify({ pipelines: [pipeline(3)], variables: [misfit] });
    for (const dryRun of [true, false]) {
      const { status, body } = await merge({ files: [{ name: 'a.json', text }], dryRun });
      expect([status, body.code, bed.peer.answered.edit]).toEqual([422, 'invalid_config', 0]);
      expect(body.detail).toContain('a document cannot hold');
      expect(body.issues.map(({ path }: { path: string }) => path)).toEqual(['/variables/HOST/comment']);
    }
  });

  test('[AP13.25] it takes the right to write, and is on record', async () => {
    const files = [file('a.json', pipeline(1))];
    expect((await merge({ files }, bed.token('viewer'))).body.code).toBe('denied');
    expect((await merge({ files }, bed.narrow(editor, ['p-1']))).body.code).toBe('denied');
    expect((await merge({ files, dryRun: true })).status).toBe(200);
    expect(bed.peer.answered.edit).toBe(0);
    expect((await merge({ files })).body).toMatchObject({ scope: { pipelines: [keyOf(1)] } });
    await until(() => bed.announced.audited.some(({ action }) => action === 'doc.merge'));
    expect(bed.announced.audited.find(({ action }) => action === 'doc.merge')).toMatchObject({
      outcome: 'done',
      target: 'main',
      detail: { folder: 'git', entries: 1, written: { changed: 1 } },
    });
  });
});

describe('patch', () => {
  test('[AP13.21] one update, conditional on a version of the document, the same again changing nothing', async () => {
    const version = bed.peer.edit(draft(pipeline(1), pipeline(2)));
    const headers = { 'if-match': `"${version}"` };
    const done = await patch('p-1', { schedule: { expr: '0 7 * * *' } }, { headers });
    expect([done.status, done.etag]).toEqual([200, `"${bed.peer.version()}"`]);
    expect(done.body).toMatchObject({ key: keyOf(1), version: bed.peer.version() });
    expect(bed.peer.current().pipelines[0]).toMatchObject({ schedule: { kind: 'cron', expr: '0 7 * * *' } });
    const late = await patch('p-1', { name: 'late' }, { headers });
    expect([late.status, late.body.code]).toEqual([412, 'precondition_failed']);
    // Another pipeline is as it was then.
    expect((await patch(keyOf(2), { name: 'in time' }, { headers })).status).toBe(200);
    const edits = bed.peer.answered.edit;
    expect((await patch('p-2', { name: 'in time' })).status).toBe(200);
    expect(bed.peer.answered.edit).toBe(edits);
  });

  test('[AP13.22] what cannot be is refused, and nothing is written', async () => {
    const version = bed.peer.edit(draft(pipeline(1), pipeline(2)));
    await apply(running.url, bed.token('applier'), { scope: ALL, version });
    bed.peer.edit(draft(pipeline(1)));
    const wrong = await patch('p-1', { shedule: {}, key: keyOf(9), name: 7 });
    expect([wrong.status, wrong.body.code]).toEqual([422, 'invalid_config']);
    expect(wrong.body.issues.map(({ code }: { code: string }) => code)).toEqual([
      'patch.unknown_field',
      'patch.fixed',
      'patch.type',
    ]);
    expect([(await patch('p-2', {})).body.code, (await patch('p-9', {})).body.code]).toEqual([
      'gone',
      'not_found',
    ]);
    const unknown = { headers: { 'if-match': '"AAAA"' } };
    expect((await patch('p-1', {}, unknown)).body.code).toBe('version_unknown');
    expect((await patch('p-1', {}, { headers: { 'if-match': 'W/"x"' } })).body.code).toBe('malformed');
    expect((await send('PATCH', 'pipelines/p-1', 'application/json', '{}')).body.code).toBe('malformed');
    expect((await send('PATCH', 'pipelines/p-1', 'application/merge-patch+json', '{')).body.code).toBe(
      'malformed',
    );
    bed.peer.archive('main');
    expect((await patch('p-1', { name: 'x' })).body).toMatchObject({ code: 'conflict' });
    expect(bed.peer.answered.edit).toBe(0);
  });

  test('[AP13.25] a narrowed token patches its pipelines alone, and renames none; each patch is on record', async () => {
    bed.peer.edit(draft(pipeline(1), pipeline(2)));
    const token = bed.narrow(editor, ['p-1']);
    expect((await patch('p-1', { name: 'mine' }, { token })).status).toBe(200);
    expect((await patch('p-2', { name: 'x' }, { token })).body.code).toBe('denied');
    expect((await patch('p-1', { id: 'p-3' }, { token })).body.code).toBe('denied');
    expect((await patch('p-1', {}, { token: bed.token('viewer') })).body.code).toBe('denied');
    await until(() => bed.announced.audited.some(({ action }) => action === 'doc.patch'));
    expect(bed.announced.audited.find(({ action }) => action === 'doc.patch')).toMatchObject({
      outcome: 'done',
      detail: { pipeline: 'p-1', fields: ['name'] },
    });
  });
});

test('[AP13.24] an import knows what is live of other documents', async () => {
  const host = { key: keyOf(8), name: 'HOST', value: 'x', comment: '' };
  const source = { kind: 'http', ref: `https://\${HOST}` };
  const version = bed.peer.edit({ pipelines: [pipeline(1, { source })], variables: [host] });
  await apply(running.url, bed.token('applier'), { scope: ALL, version });
  const toml = (after: string, name: string): string => `
[[pipeline]]
id = "eu-1"
source = { kind = "http", ref = "https://\${${name}}/x" }
destination = { table = "raw.eu" }
schedule = { kind = "on-event", expr = "pipeline.finished:${after}" }
`;
  expect((await importInto('eu', toml('p-1', 'HOST'))).body.issues).toEqual([]);
  const wrong = (await importInto('eu', toml('p-9', 'NOBODY'))).body.issues;
  expect(wrong.map(({ code }: { code: string }) => code).sort()).toEqual([
    'schedule.reference_unknown',
    'variable.undefined',
  ]);
  const taken = await importInto('eu', toml('p-1', 'HOST').replace('"eu-1"', '"p-1"'));
  expect(taken.body.issues.map(({ code }: { code: string }) => code)).toContain('id.duplicate');
});

test('[AP13.15] comments of a file are told, and dropped', async () => {
  const { body } = await importInto('main', '# one\n[[variable]] # two\nname = "HOST"\nvalue = "# none"\n');
  expect(body.comments).toEqual({ count: 2, lines: [1, 2] });
  expect((await importInto('main', '[[variable]]\nname = "HOST"\n')).body.comments).toBeUndefined();
});

test('[AP13.35] a dry run of a merge or an import into a document that is not there, or archived, is refused as the write is', async () => {
  bed.peer.remove('typo');
  bed.peer.edit(draft(), 'old');
  bed.peer.archive('old');
  const files = [file('a.json', pipeline(1))];
  const imported = (doc: string, more: string) =>
    send('POST', `import?doc=${doc}${more}`, 'application/json', files[0]?.text ?? '');
  const told = ({ status, body }: { status: number; body: { code?: string } }) => [status, body.code];
  for (const [doc, expected] of [
    ['typo', [404, 'not_found']],
    ['old', [409, 'conflict']],
  ] as const) {
    for (const dryRun of [true, false]) {
      expect(told(await merge({ doc, files, dryRun }))).toEqual([...expected]);
      expect(told(await imported(doc, dryRun ? '&dryRun=true' : ''))).toEqual([...expected]);
    }
  }
  expect((await merge({ doc: 'typo', files, dryRun: true })).body.detail).toBe(
    'Create the document typo first.',
  );
  // Where nothing would be written nothing is refused.
  expect((await merge({ doc: 'typo', files: [file('a.json')], dryRun: true })).status).toBe(200);
});

test('[AP13.37] files of more than 6 MiB, or with one name twice, are refused', async () => {
  const twice = [file('a.json', pipeline(1)), file('a.json', pipeline(2))];
  for (const body of [{ files: twice }, { files: [], base: { files: twice } }]) {
    const refused = await merge(body);
    expect([refused.status, refused.body.code]).toEqual([400, 'malformed']);
    expect(refused.body.detail).toContain('`a.json` is among the files twice');
  }
  const large = (bytes: number) => ({ name: `${bytes}.toml`, text: `# ${'é'.repeat((bytes - 2) / 2)}` });
  const half = FOLDER_BYTES_LIMIT / 2;
  const refused = await merge({ files: [large(half), large(half + 2)] });
  expect([refused.status, refused.body.code]).toEqual([413, 'too_large']);
  expect((await merge({ files: [large(half), { ...large(half), name: 'b.toml' }] })).status).toBe(200);
  expect(bed.peer.answered.edit).toBe(0);
});
