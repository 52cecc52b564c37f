// A folder kept in git and applied by CI, and one pipeline patched, against a whole server in this process: real documents, real
// Applies, files on disk.
import { expect, test } from 'bun:test';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HOST, pipeline, useGitFolder } from './testing/git-folder.ts';

const { applyFolder, fieldOf, git, patch, put, stand } = useGitFolder();
const { hakictl, json } = stand;

test('[AP13.16] files and people change one configuration: each field from who changed it, and only the folder goes live', async () => {
  await put('a/orders.toml', `# kept here alone\n${pipeline('orders', '0 6 * * *')}${HOST}`);
  await put('shop.toml', pipeline('shop', '0 7 * * *'));
  const first = JSON.parse((await applyFolder(' --json')).out);
  expect(first.merge).toMatchObject({
    base: { kind: 'none' },
    comments: [{ file: 'a/orders.toml', count: 1, lines: [1] }],
  });
  expect(first.apply.revision).toMatchObject({ label: 'v1', pipelines: 2 });
  // A draft of somebody's, which no Apply would take, is no business of the folder's.
  expect((await hakictl('import - --format toml', pipeline('draft', 'soon'))).err).toBe('');
  expect((await patch('orders', { description: 'by people' })).code).toBe(0);
  await put('a/orders.toml', pipeline('orders', '0 9 * * *') + HOST);
  const second = JSON.parse((await applyFolder(' -m nine --json')).out);
  expect(second.merge).toMatchObject({ base: { kind: 'note', revision: 'v1' } });
  expect(second.apply.revision).toMatchObject({ pipelines: 2, message: 'nine' });
  expect(second.apply.revision.changed).toEqual(['orders']);
  expect(await fieldOf('orders', 'description')).toBe('by people');
  expect(await fieldOf('orders', 'schedule')).toEqual({ kind: 'cron', expr: '0 9 * * *' });
  const again = await applyFolder();
  expect([again.code, again.out]).toEqual([0, expect.stringContaining('All that the files say is live')]);
});

test('[AP13.17] conflicts are listed with both values and an exit code of their own, and nothing is written', async () => {
  await put('orders.toml', pipeline('orders', '0 6 * * *') + pipeline('shop', '0 6 * * *') + HOST);
  expect((await applyFolder()).code).toBe(0);
  await patch('orders', { schedule: { expr: '0 7 * * *' } });
  const { version } = await json('pipeline show orders');
  await put('orders.toml', pipeline('orders', '0 8 * * *') + pipeline('shop', '0 8 * * *') + HOST);
  for (const flag of ['', ' --dry-run']) {
    const refused = await applyFolder(`${flag} --json`);
    expect(refused.code).toBe(4);
    const { problem } = JSON.parse(refused.out);
    expect(problem).toMatchObject({ code: 'merge_conflict', status: 409 });
    expect(problem.conflicts).toEqual([
      { path: '/pipelines/orders/schedule/expr', base: '0 6 * * *', mine: '0 8 * * *', theirs: '0 7 * * *' },
    ]);
  }
  const told = await applyFolder();
  expect([told.code, told.err]).toEqual([4, expect.stringContaining('"0 8 * * *"   "0 7 * * *"')]);
  expect((await json('pipeline show orders')).version).toBe(version);
  expect((await json('revisions')).revisions).toHaveLength(1);
  // The file takes what the document has: no conflict any more.
  await put('orders.toml', pipeline('orders', '0 7 * * *') + pipeline('shop', '0 8 * * *') + HOST);
  expect((await applyFolder()).out).toContain('changed: orders, shop');
});

test('[AP13.18] what left the folder is deleted, unless people edited it meanwhile', async () => {
  await put('orders.toml', pipeline('orders', '0 6 * * *') + HOST);
  await put('shop.toml', pipeline('shop', '0 6 * * *'));
  await put(
    'late.json',
    JSON.stringify({
      pipelines: [
        {
          id: 'late',
          source: { kind: 'csv', ref: 'l.csv' },
          destination: { table: 'late' },
          schedule: { kind: 'every', expr: '5m' },
        },
      ],
    }),
  );
  expect((await applyFolder()).code).toBe(0);
  await rm(join(git(), 'late.json'));
  const dry = await applyFolder(' --dry-run');
  expect([dry.code, dry.out]).toEqual([0, expect.stringContaining('- pipeline late')]);
  expect((await hakictl('pipeline show late')).code).toBe(0);
  expect((await applyFolder()).out).toContain('changed: late');
  expect((await hakictl('pipeline show late')).code).toBe(1);
  await patch('shop', { group: 'eu' });
  await rm(join(git(), 'shop.toml'));
  const refused = await applyFolder(' --json');
  expect(refused.code).toBe(4);
  const { conflicts } = JSON.parse(refused.out).problem;
  expect(conflicts).toMatchObject([{ path: '/pipelines/shop', theirs: { group: 'eu' } }]);
  expect('mine' in conflicts[0]).toBe(false);
  expect((await hakictl('pipeline show shop')).code).toBe(0);
});

test('[AP13.19] several files are one configuration: what stands twice names both files, what is wrong is not written', async () => {
  await put('a.toml', pipeline('orders', '0 6 * * *') + HOST);
  await put('b/b.toml', pipeline('orders', '0 7 * * *'));
  const twice = await applyFolder();
  expect([twice.code, twice.err]).toEqual([1, expect.stringContaining('in a.toml and in b/b.toml')]);
  await put('b/b.toml', pipeline('shop', 'soon'));
  const wrong = await applyFolder();
  expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('schedule.cron_invalid')]);
  expect((await hakictl('pipeline show orders')).code).toBe(1);
  await put('b/b.toml', '[[pipeline]\n');
  expect((await applyFolder()).err).toContain('b/b.toml: This is not TOML at line 1');
  expect((await hakictl(`apply --from-file ${join(stand.folder, 'nothing')}`)).code).toBe(2);
  expect((await hakictl(`apply --from-file ${git()} --pipeline a`)).code).toBe(2);
  expect((await hakictl('apply --all --base v1')).code).toBe(2);
});

test('[AP13.20] the base is what the folder had last, or what the caller names: a revision or files', async () => {
  expect((await hakictl('import - --format toml', pipeline('orders', '0 6 * * *') + HOST)).code).toBe(0);
  expect((await hakictl('apply --all')).code).toBe(0);
  await put('orders.toml', pipeline('orders', '0 8 * * *') + HOST);
  // A new folder has no base: what differs from the document could be either's.
  expect((await applyFolder()).code).toBe(4);
  expect((await applyFolder(' --base v9')).code).toBe(1);
  const named = JSON.parse((await applyFolder(' --base v1 --json')).out);
  expect(named).toMatchObject({
    merge: { base: { kind: 'revision', revision: 'v1' } },
    apply: { revision: { label: 'v2' } },
  });
  const before = join(stand.folder, 'before.toml');
  expect((await hakictl(`export -o ${before}`)).code).toBe(0);
  await put('orders.toml', pipeline('orders', '0 9 * * *') + HOST);
  const files = JSON.parse((await applyFolder(` --base ${before} --json`)).out);
  expect(files).toMatchObject({ merge: { base: { kind: 'files' } }, apply: { revision: { label: 'v3' } } });
  // Another folder under the same name would delete what this one has.
  await put('orders.toml', pipeline('other', '0 9 * * *') + HOST);
  const other = await applyFolder();
  expect([other.code, other.err]).toEqual([1, expect.stringContaining('Give another folder another name')]);
  expect((await applyFolder(' --folder other')).out).toContain('changed: other');
});

test('[AP13.21] a patch is one attributed edit of the pipeline, conditional on the version that was seen', async () => {
  expect(
    (await hakictl('import - --format toml', pipeline('orders', '0 6 * * *') + pipeline('shop', '0 6 * * *')))
      .code,
  ).toBe(0);
  const { version } = await json('pipeline show orders');
  // Somebody else's edit of another pipeline is in nobody's way.
  await patch('shop', { tags: ['eu'] });
  const done = await patch(
    'orders',
    { schedule: { expr: '0 7 * * *' }, description: 'seven' },
    '--since',
    version,
  );
  expect(done).toMatchObject({ code: 0, err: '' });
  expect(await fieldOf('orders', 'schedule')).toEqual({ kind: 'cron', expr: '0 7 * * *' });
  const history = await fetch(`${stand.server.url}/v1/docs/main/history?pipeline=orders&limit=1`, {
    headers: { authorization: `Bearer ${stand.server.ownerToken}` },
  });
  expect((await history.json()).entries).toMatchObject([{ user: 'owner' }]);
  const late = await patch('orders', { description: 'late' }, '--since', version, '--json');
  expect([late.code, JSON.parse(late.out).problem]).toMatchObject([
    1,
    { code: 'precondition_failed', status: 412 },
  ]);
  expect(await fieldOf('orders', 'description')).toBe('seven');
  const unknown = await patch('orders', { shedule: {} });
  expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('patch.unknown_field')]);
  expect((await patch('nobody', { name: 'x' })).err).toContain('has no pipeline');
  expect((await hakictl('pipeline patch orders {')).code).toBe(2);
  expect((await hakictl('pipeline patch orders -', '{"description":null}')).code).toBe(0);
  expect(await fieldOf('orders', 'description')).toBe('');
});
