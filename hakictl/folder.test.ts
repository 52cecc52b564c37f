// What happens around a folder kept in git: others at the same time, links, encodings, and what people drafted meanwhile. Against a
// whole server in this process.
import { expect, test } from 'bun:test';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HOST, pipeline, useGitFolder } from './testing/git-folder.ts';

const { applyFolder, fieldOf, git, patch, put, stand } = useGitFolder();
const { hakictl, json } = stand;

test('[AP13.26] two who merge or import the same at once make each entry once', async () => {
  const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
  const idsIn = async (doc: string): Promise<string[]> =>
    (await json(`export --doc ${doc} --format json`)).pipelines.map(({ id }: { id: string }) => id).sort();
  for (const doc of ['one', 'two']) expect((await hakictl(`docs create ${doc}`)).code).toBe(0);
  for (const id of ids) await put(`${id}.toml`, pipeline(id, '0 6 * * *').replace('${HOST}', 'h'));
  const [line, file] = [`apply --from-file ${git()} --doc one`, join(stand.folder, 'all.toml')];
  const merged = await Promise.all([1, 2, 3, 4].map(() => hakictl(line)));
  expect(await idsIn('one')).toEqual(ids);
  expect(merged.map(({ code }) => code)).toContain(0);
  await put('g.toml', pipeline('g', '0 6 * * *').replace('${HOST}', 'h'));
  await Promise.all([1, 2].map(() => hakictl(line)));
  expect(await idsIn('one')).toEqual([...ids, 'g']);
  expect((await hakictl(line)).code).toBe(0);
  await writeFile(file, ids.map((id) => pipeline(`i${id}`, '0 6 * * *')).join('') + HOST);
  const imported = await Promise.all([1, 2, 3, 4].map(() => json(`import ${file} --doc two`)));
  expect(await idsIn('two')).toEqual(ids.map((id) => `i${id}`));
  // Each was created by one of them.
  expect(imported.flatMap(({ created }) => created).sort()).toEqual(ids.map((id) => `i${id}`));
});

test('[AP13.28] links within the folder are followed, others are refused, and what is passed over is named', async () => {
  await put('shared/sy.toml', pipeline('sy', '0 6 * * *') + HOST);
  await put('b.toml', pipeline('b', '0 6 * * *'));
  await put('.drafts/d.toml', 'nothing');
  await put('node_modules/m.json', 'nothing');
  const first = JSON.parse((await applyFolder(' --json')).out);
  expect(first.skipped).toEqual(['.drafts', 'node_modules']);
  expect((await applyFolder(' --dry-run')).out).toContain('Not looked at: .drafts, node_modules');
  // Moved within the folder, and a link instead: the same files.
  await rename(join(git(), 'shared'), join(git(), '.kept'));
  await symlink('.kept', join(git(), 'shared'));
  const same = await applyFolder(' --dry-run');
  expect([same.code, same.out]).toEqual([0, expect.stringContaining('The document has all of it')]);
  await symlink('b.toml', join(git(), 'c.toml'));
  expect((await applyFolder(' --dry-run')).err).toContain('in b.toml and in c.toml');
  await rm(join(git(), 'c.toml'));
  const refuses = async (target: string, why: string): Promise<void> => {
    await symlink(target, join(git(), 'link'));
    for (const flag of ['', ' --dry-run']) {
      const refused = await applyFolder(flag);
      expect([refused.code, refused.err]).toEqual([2, expect.stringContaining(why)]);
    }
    await rm(join(git(), 'link'));
  };
  await mkdir(join(stand.folder, 'real'));
  await refuses('../real', 'link is a link that leads out of the folder');
  await refuses('gone', 'link is a link that leads nowhere');
  await refuses('.', 'link is a link that leads back to a folder it is in');
  // By its name no configuration: as any such file.
  await symlink('/etc/hostname', join(git(), 'x.txt'));
  expect((await applyFolder(' --dry-run')).code).toBe(0);
  await rename(join(git(), 'x.txt'), join(git(), 'x.toml'));
  expect((await applyFolder(' --dry-run')).err).toContain('x.toml is a link that leads out of the folder');
  await rm(join(git(), 'x.toml'));
  expect((await hakictl('pipeline show sy')).code).toBe(0);
});

test('[AP13.29] what is not UTF-8 is refused with the file and the byte, by the command line and by the server', async () => {
  const text = pipeline('lat', '0 6 * * *', 'name = "caf\u00e9"').replace('${HOST}', 'h');
  await mkdir(git(), { recursive: true });
  const path = join(git(), 'lat.toml');
  await writeFile(path, Buffer.from(text, 'latin1'));
  const where = `byte ${text.indexOf('\u00e9') + 1}, in line ${text.slice(0, text.indexOf('\u00e9')).split('\n').length}`;
  for (const line of [`apply --from-file ${git()}`, `import ${path}`]) {
    const refused = await hakictl(line);
    expect([refused.code, refused.err]).toEqual([
      2,
      expect.stringContaining(`${path} is not UTF-8: ${where}`),
    ]);
  }
  const body = Buffer.from(JSON.stringify({ folder: 'f', files: [{ name: 'a.toml', text }] }), 'latin1');
  const authorization = `Bearer ${stand.server.ownerToken}`;
  const send = (route: string, type: string, bytes: Buffer<ArrayBuffer>) =>
    fetch(`${stand.server.url}/v1/manifest/${route}`, {
      method: 'POST',
      headers: { authorization, 'content-type': type },
      body: bytes,
    });
  for (const answer of [
    await send('merge', 'application/json', Buffer.from(body)),
    await send('import', 'application/json', Buffer.from(body)),
    await send('import', 'application/toml', Buffer.from(text, 'latin1')),
  ]) {
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      code: 'malformed',
      detail: expect.stringContaining('UTF-8: byte'),
    });
  }
  expect((await hakictl('pipeline show lat')).code).toBe(1);
  // A mark at the beginning is none of the text, and a replacement that somebody wrote is a character like any other.
  await writeFile(path, `\uFEFF${text.replace('\u00e9', '\uFFFD')}`);
  expect(await applyFolder()).toMatchObject({ code: 0, err: '' });
  expect(await fieldOf('lat', 'name')).toBe('caf\uFFFD');
});

test('[AP13.30] what people drafted in a pipeline of the folder does not go live with it, and is named with who did', async () => {
  await put('a.toml', pipeline('dr1', '0 6 * * *') + pipeline('dr2', '0 6 * * *') + HOST);
  expect((await applyFolder()).code).toBe(0);
  expect((await patch('dr1', { schedule: { expr: '0 7 * * *' } })).code).toBe(0);
  const same = await applyFolder();
  expect([same.code, same.out]).toEqual([0, expect.stringContaining('All that the files say is live')]);
  expect(same.out).toContain('/pipelines/dr1: /schedule/expr (folder.draft, by owner)');
  expect((await json('revisions')).revisions).toHaveLength(1);
  await put('a.toml', pipeline('dr1', '0 6 * * *') + pipeline('dr2', '0 8 * * *') + HOST);
  const second = JSON.parse((await applyFolder(' --json')).out);
  expect(second.merge.drafts).toMatchObject([
    { path: '/pipelines/dr1', code: 'folder.draft', applied: false },
  ]);
  expect(second.apply.revision.changed).toEqual(['dr2']);
  // A deletion that the policy sent back is still the folder's to apply.
  await put('a.toml', pipeline('dr1', '0 6 * * *') + HOST);
  const later = new Date(Date.now() + 86_400_000).toISOString();
  expect((await hakictl(`apply --from-file ${git()} --at ${later}`)).code).toBe(0);
  const third = JSON.parse((await applyFolder(' --json')).out);
  expect(third.apply.revision.changed).toEqual(['dr2']);
  const asked = JSON.parse((await applyFolder(' --with-drafts --json')).out);
  expect(asked.merge.drafts).toMatchObject([{ applied: true }]);
  expect(asked.apply.revision.changed).toEqual(['dr1']);
  expect((await hakictl('apply --all --with-drafts')).code).toBe(2);
});

test('[PL7] an import of many names the first of them, and --json all', async () => {
  const file = join(stand.folder, 'many.toml');
  await writeFile(
    file,
    Array.from({ length: 30 }, (_, index) => pipeline(`m${index}`, 'soon')).join('') + HOST,
  );
  const [told, all] = [await hakictl(`import ${file} --dry-run`), await json(`import ${file} --dry-run`)];
  expect(told.out).toContain('created 30: m0, m1, ');
  expect(told.out).toContain('m19 and 10 more');
  expect(told.out).toContain('\nand 10 more');
  expect([all.created.length, all.issues.length]).toEqual([30, 30]);
});

test('[AP13.38] what is no file, or has a name that is not UTF-8, is refused by name, and never waited for', async () => {
  await put('a.toml', pipeline('pi', '0 6 * * *') + HOST);
  const made = (command: string[]) => expect(Bun.spawnSync(command).exitCode).toBe(0);
  const refused = async (why: string): Promise<void> => {
    const { code, err } = await applyFolder(' --dry-run');
    expect([code, err]).toEqual([2, expect.stringContaining(why)]);
  };
  made(['mkfifo', join(git(), 'p.toml')]);
  await refused('p.toml is a pipe, a socket or a device');
  await rename(join(git(), 'p.toml'), join(git(), 'pipe'));
  expect((await applyFolder(' --dry-run')).code).toBe(0);
  await symlink('pipe', join(git(), 'q.toml'));
  await refused('q.toml is a pipe, a socket or a device');
  await rm(join(git(), 'q.toml'));
  made(['sh', '-c', `mkdir "${git()}/$(printf 'caf\\351')"`]);
  await refused('caf\uFFFD has a name that is not UTF-8');
});

test('[AP13.35] a dry run says what the Apply would', async () => {
  await put('a.toml', pipeline('dry', '0 6 * * *') + HOST);
  for (const flag of ['', ' --dry-run']) {
    const { code, err } = await applyFolder(` --doc typo${flag}`);
    expect([code, err]).toEqual([1, expect.stringContaining('Create the document typo first')]);
  }
  expect((await applyFolder(' --dry-run')).out).toContain('An apply would then take 1 pipeline.');
});

test('[AP13.36] what somebody put back in the document is named each time, until files and document say the same', async () => {
  await put('a.toml', pipeline('lasting', '0 6 * * *') + HOST);
  expect((await applyFolder()).code).toBe(0);
  await put('a.toml', pipeline('lasting', '0 8 * * *') + HOST);
  expect(
    (await hakictl(`apply --from-file ${git()} --at ${new Date(Date.now() + 86_400_000).toISOString()}`))
      .code,
  ).toBe(0);
  expect((await patch('lasting', { schedule: { expr: '0 6 * * *' } })).code).toBe(0);
  for (const flag of ['', '', ' --dry-run']) {
    const { code, out } = await applyFolder(flag);
    expect(code).toBe(0);
    expect(out).toContain('Changed in the document since the files had it');
    expect(out).toContain('/pipelines/lasting: /schedule/expr');
    expect(out).not.toMatch(/has all of it|All that the files say is live/);
  }
  await put('a.toml', pipeline('lasting', '0 6 * * *') + HOST);
  expect((await applyFolder()).out).toContain('All that the files say is live');
});
