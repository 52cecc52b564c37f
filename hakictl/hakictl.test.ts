// The command line against a whole server in this process: what people type, what they read, and the exit codes that scripts
// rely on.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Embedded, startEmbedded } from '@hakiri/embedded/embedded';
import { runCommandLine } from './command-line.ts';

let folder: string;
let server: Embedded;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hakictl-'));
  server = await startEmbedded({
    dataDir: join(folder, 'data'),
    hostname: '127.0.0.1',
    port: 0,
    logLevel: 'error',
  });
});

afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

type Outcome = { code: number; out: string; err: string };

/** As the owner, unless told otherwise. */
async function hakictl(line: string, env: Record<string, string> = {}, stdin = ''): Promise<Outcome> {
  const outcome = { out: '', err: '' };
  const defaults = { HAKIRI_URL: server.url, HAKIRI_TOKEN: server.ownerToken, XDG_CONFIG_HOME: folder };
  const code = await runCommandLine(line === '' ? [] : line.split(' '), {
    env: { ...defaults, ...env },
    out: (text) => {
      outcome.out += text;
    },
    err: (text) => {
      outcome.err += text;
    },
    stdin: async () => stdin,
  });
  return { code, ...outcome };
}

const pipeline = (id: string, expr: string): string => `
[[pipeline]]
id = "${id}"
name = "${id}"
source = { kind = "csv", ref = "orders.csv" }
destination = { table = "orders" }
schedule = { kind = "cron", expr = "${expr}" }
placement = { kind = "auto" }
`;

test('[PL7] a sign-in is kept in a file that its owner alone can read, and is used from then on', async () => {
  const config = join(folder, 'signed-in');
  const env = { XDG_CONFIG_HOME: config, HAKIRI_URL: '', HAKIRI_TOKEN: '' };
  const login = await hakictl(`login ${server.ownerLink}`, env);
  expect(login).toMatchObject({ code: 0, err: '' });
  expect((await stat(join(config, 'hakiri/session.json'))).mode & 0o777).toBe(0o600);
  const whoami = await hakictl('whoami --json', env);
  expect(JSON.parse(whoami.out)).toMatchObject({ role: 'owner' });
  expect(await hakictl('logout', env)).toMatchObject({ code: 0 });
  expect(await hakictl('whoami', env)).toMatchObject({ code: 2 });
});

test('[PL7] import, validate, apply, revisions, diff and export play together', async () => {
  const file = join(folder, 'hakiri.toml');
  await writeFile(file, pipeline('orders', '0 6 * * *') + pipeline('invoices', '0 7 * * *'));
  const dry = JSON.parse((await hakictl(`import ${file} --dry-run --json`)).out);
  expect(dry).toMatchObject({ dryRun: true, created: ['orders', 'invoices'] });
  expect(await hakictl(`import ${file}`)).toMatchObject({ code: 0, err: '' });
  expect((await hakictl('validate --all')).out).toContain('would publish v1');

  const applied = await hakictl('apply --pipeline orders -m first');
  expect(applied).toMatchObject({ code: 0, err: '' });
  expect(applied.out).toContain('manifest@v1.toml');
  expect(JSON.parse((await hakictl('apply --all --json')).out)).toMatchObject({ revision: { number: 2 } });
  expect((await hakictl('apply --all')).out).toContain('Nothing differs');

  expect(JSON.parse((await hakictl('revisions --json')).out).revisions).toHaveLength(2);
  expect((await hakictl('revisions')).out).toContain('first');
  expect((await hakictl('revisions v1 --toml')).out).not.toContain('invoices');
  expect((await hakictl('diff')).out).toContain('+ pipeline invoices');
  expect((await hakictl('export')).out).toContain('id = "invoices"');
});

test('[PL7] a refused apply ends with 1 and a table of path, code and sentence', async () => {
  const stdin = pipeline('broken', 'whenever');
  expect(await hakictl('import - --format toml', {}, stdin)).toMatchObject({ code: 0 });
  const refused = await hakictl('apply --pipeline broken');
  expect(refused.code).toBe(1);
  expect(refused.err).toContain('PATH');
  expect(refused.err).toMatch(/\/pipelines\/broken\/schedule\/expr +schedule\.[a-z_]+ +\S+/);
  const json = JSON.parse((await hakictl('apply --pipeline broken --json')).out);
  expect(json).toMatchObject({ problem: { code: 'invalid_config', status: 422 } });
  expect((await hakictl('validate --pipeline broken')).code).toBe(1);
});

test('[PL7] a narrowed token does less, and says how it is narrowed', async () => {
  const narrowed = await hakictl('token attenuate --read-only --expires 1h');
  expect(narrowed).toMatchObject({ code: 0, err: '' });
  const env = { HAKIRI_TOKEN: narrowed.out.trim() };
  expect((await hakictl('revisions', env)).code).toBe(0);
  const refused = await hakictl('apply --all', env);
  expect(refused.code).toBe(1);
  expect(refused.err).toContain('whoami');
  const inspected = JSON.parse((await hakictl('token inspect --json', env)).out);
  expect(inspected).toMatchObject({ valid: true, role: 'owner' });
  expect(inspected.narrowings).toHaveLength(1);
});

test('[PL7] a token narrowed to a pipeline, as the help shows it, applies that one and no other', async () => {
  const file = join(folder, 'narrow.toml');
  await writeFile(file, pipeline('gh-issues', '0 5 * * *') + pipeline('other', '0 7 * * *'));
  expect(await hakictl(`import ${file}`)).toMatchObject({ code: 0 });
  const help = (await hakictl('token attenuate --help')).out;
  const examples = [...help.matchAll(/^ {2}hakictl (token attenuate .+)$/gm)].map((match) => match[1] ?? '');
  expect(examples).toHaveLength(2);
  for (const example of examples) expect(await hakictl(example)).toMatchObject({ code: 0, err: '' });
  const narrowed = await hakictl(examples.find((example) => example.includes('--pipeline')) ?? '');
  const env = { HAKIRI_TOKEN: narrowed.out.trim() };
  expect((await hakictl('whoami', env)).out).toEndWith(
    'may: doc.read, manifest.apply\non these pipelines alone: gh-issues\n',
  );
  expect(await hakictl('validate --pipeline gh-issues', env)).toMatchObject({ code: 0, err: '' });
  const applied = await hakictl('apply --pipeline gh-issues', env);
  expect(applied).toMatchObject({ code: 0, err: '' });
  expect(applied.out).toContain('changed: gh-issues');
  for (const line of [
    'apply --pipeline other',
    'apply --pipeline gh-issues other',
    'validate --pipeline other',
  ]) {
    const refused = await hakictl(line, env);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain('on the pipeline "other"');
  }
  expect((await hakictl('apply --all', env)).code).toBe(1);
});

test('[PL7] an action that there is not is refused with those that there are', async () => {
  const refused = await hakictl('token attenuate --action doc.raed');
  expect(refused.code).toBe(2);
  expect(refused.err).toContain('doc.read');
});

test('[PL7] tokens are made, listed and revoked', async () => {
  const { info, token } = JSON.parse((await hakictl('token create ci --role viewer --json')).out);
  expect((await hakictl('whoami', { HAKIRI_TOKEN: token })).out).toContain('viewer');
  expect((await hakictl('token list')).out).toContain(info.id);
  expect((await hakictl(`token revoke ${info.id}`)).code).toBe(0);
  const listed = JSON.parse((await hakictl('token list --json')).out).tokens;
  expect(listed.find(({ id }: { id: string }) => id === info.id).revokedAt).toBeString();
});

test('[PL7] members are invited and given roles, and the audit log knows', async () => {
  const { code } = JSON.parse((await hakictl('members invite Bob --role viewer --json')).out);
  const env = { XDG_CONFIG_HOME: join(folder, 'bob'), HAKIRI_TOKEN: '' };
  const { user } = JSON.parse((await hakictl(`login ${code} --json`, env)).out);
  expect((await hakictl('apply --all', env)).code).toBe(1);
  const given = await hakictl(`members role ${user} editor`);
  expect(given).toMatchObject({ code: 0, err: '' });
  expect(given.out).toContain('editor');
  expect((await hakictl('members')).out).toMatch(new RegExp(`${user} +Bob +editor`));
  expect((await hakictl('audit --limit 500')).out).toContain(user);
  expect((await hakictl('audit --verify')).code).toBe(0);
});

test('[PL7] the audit log shows its newest entries, and where the older ones are', async () => {
  const all = JSON.parse((await hakictl('audit --after 0 --limit 500 --json')).out).entries;
  const newest = JSON.parse((await hakictl('audit --limit 2 --json')).out);
  expect(newest.entries).toEqual(all.slice(-2));
  const text = (await hakictl('audit --limit 2')).out;
  expect(text).toContain(`There are older ones: hakictl audit --after ${all.length - 4} --limit 2`);
  expect(text).not.toContain('newer');
});

test('[PL7] a session file that is broken is named, and is no hindrance to who needs none', async () => {
  const config = join(folder, 'broken');
  const path = join(config, 'hakiri/session.json');
  const env = { XDG_CONFIG_HOME: config, HAKIRI_URL: '', HAKIRI_TOKEN: '' };
  await mkdir(join(config, 'hakiri'), { recursive: true });
  await writeFile(path, '{"url":');
  const broken = await hakictl('whoami', env);
  expect(broken).toMatchObject({ code: 2, out: '' });
  expect(broken.err).toBe(`The session in ${path} is broken. Sign in again with: hakictl login <link>\n`);
  expect(await hakictl('whoami', { XDG_CONFIG_HOME: config })).toMatchObject({ code: 0 });
  expect(await hakictl('logout', env)).toMatchObject({ code: 0 });
  expect((await hakictl('whoami', env)).err).toContain('Which server?');
});

test('[PL7] a refused import says to import again', async () => {
  const refused = await hakictl('import - --format toml', {}, '[[pipeline]]\nid = 5\nnonsense = [');
  expect(refused.code).toBe(1);
  expect(refused.err).toContain('import again');
  expect(refused.err).not.toContain('apply again');
});

test('[PL7] runs are started, listed, shown and cancelled', async () => {
  const run = JSON.parse((await hakictl('runs start orders --json')).out);
  expect((await hakictl('runs list --pipeline orders')).out).toContain(run.id);
  expect((await hakictl(`runs show ${run.id}`)).out).toContain('orders');
  const followed = await hakictl(`runs logs ${run.id} --follow`);
  expect(followed.out).toContain('Attempt 1 on local');
  const ended = JSON.parse((await hakictl(`runs show ${run.id} --json`)).out);
  expect(['succeeded', 'failed']).toContain(ended.state);
  const { lines, state } = JSON.parse((await hakictl(`runs logs ${run.id} --json`)).out);
  expect([state, lines.length]).toEqual([ended.state, followed.out.trim().split('\n').length]);
  const streamed = (await hakictl(`runs logs ${run.id} --follow --json`)).out.trim().split('\n');
  expect(streamed.map((line) => JSON.parse(line))).toEqual(lines);
  expect((await hakictl('schedules')).out).toContain('0 6 * * *');
  expect((await hakictl('ledger')).code).toBe(0);
  expect((await hakictl('nodes')).out).toContain('local');
  expect((await hakictl('runs show nothing')).code).toBe(1);
});

test('[PL7] wrong usage ends with 2, a server that is away with 3, and both say what to do', async () => {
  expect(await hakictl('apply')).toMatchObject({ code: 2 });
  expect((await hakictl('apply')).err).toContain('--all');
  expect((await hakictl('nonsense')).code).toBe(2);
  expect((await hakictl('diff one two')).code).toBe(2);
  for (const [line, says] of [
    ['nonsense --json', 'nonsense'],
    ['token create --json', '--role'],
    ['runs list --limit none --json', 'whole number'],
    ['--json', 'Which command?'],
  ] as const) {
    const { code, out, err } = await hakictl(line);
    expect({ code, err }).toEqual({ code: 2, err: '' });
    expect(JSON.parse(out)).toEqual({ problem: { code: 'usage', detail: expect.stringContaining(says) } });
  }
  const nobody = { HAKIRI_URL: '', XDG_CONFIG_HOME: join(folder, 'nobody') };
  expect((await hakictl('revisions', nobody)).err).toContain('hakictl login');
  const away = await hakictl('revisions', { HAKIRI_URL: 'http://127.0.0.1:1' });
  expect(away.code).toBe(3);
  expect(away.err).toContain('does not answer');
});

test('[PL7] every command explains itself with an example and its exit codes', async () => {
  const { out } = await hakictl('--help');
  const groups: Record<string, string[]> = {
    pipeline: ['show', 'patch'],
    docs: ['list', 'create', 'rename', 'archive', 'unarchive', 'move-group'],
    runs: ['list', 'show', 'logs', 'start', 'cancel', 'retry'],
    token: ['create', 'list', 'revoke', 'attenuate', 'inspect'],
    members: ['list', 'invite', 'link', 'role', 'remove'],
    requests: ['list', 'show', 'approve', 'reject', 'cancel'],
    policy: ['show', 'set'],
    store: ['check'],
    keys: ['list', 'rotate'],
  };
  const names = [...out.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1] ?? '');
  const commands = names
    .filter((name) => name !== 'help')
    .flatMap((name) => groups[name]?.map((verb) => `${name} ${verb}`) ?? [name]);
  expect(commands.length).toBeGreaterThan(25);
  for (const command of commands) {
    const help = await hakictl(`${command} --help`);
    expect(help.code).toBe(0);
    expect(help.out).toMatch(/Examples?:\n {2}.*hakictl/);
    expect(help.out).toContain('Exit codes: 0 done');
    expect(help.out).toContain('--json');
  }
});

test('[PL7] the program itself hands the exit code to the shell', async () => {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'main.ts'), 'revisions'], {
    env: { HAKIRI_URL: 'http://127.0.0.1:1', HAKIRI_TOKEN: 'x', PATH: '' },
    stderr: 'ignore',
  });
  expect(await child.exited).toBe(3);
});
