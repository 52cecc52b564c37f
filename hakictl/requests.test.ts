// Policy, approvals and set times from a terminal, against a whole server in this process and two people.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Embedded, startEmbedded } from '@hakiri/embedded/embedded';
import { runCommandLine } from './command-line.ts';

let folder: string;
let server: Embedded;
type Outcome = { code: number; out: string; err: string };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hakictl-requests-'));
  server = await startEmbedded({
    dataDir: join(folder, 'data'),
    hostname: '127.0.0.1',
    port: 0,
    logLevel: 'error',
  });
  const invited = JSON.parse((await owner('members', 'invite', 'Bob', '--role', 'admin', '--json')).out);
  expect(await bob('login', invited.link)).toMatchObject({ code: 0 });
  await writeFile(join(folder, 'hakiri.toml'), pipeline('0 6 * * *'));
  expect(await owner('import', join(folder, 'hakiri.toml'))).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function hakictl(env: Record<string, string>, args: string[], stdin = ''): Promise<Outcome> {
  const outcome = { out: '', err: '' };
  const code = await runCommandLine(args, {
    env,
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
const owner = (...args: string[]) =>
  hakictl({ HAKIRI_URL: server.url, HAKIRI_TOKEN: server.ownerToken, XDG_CONFIG_HOME: folder }, args);
const bob = (...args: string[]) => hakictl({ XDG_CONFIG_HOME: join(folder, 'bob') }, args);
const json = async (outcome: Promise<Outcome>) => JSON.parse((await outcome).out);

const pipeline = (expr: string): string => `
[[pipeline]]
id = "orders"
group = "prod"
source = { kind = "csv", ref = "orders.csv" }
destination = { table = "orders" }
schedule = { kind = "cron", expr = "${expr}" }
`;

test('[PL7] a policy is saved, an apply waits, somebody else approves it, and it is live', async () => {
  const { version, policy } = await json(owner('policy', '--json'));
  const approver = { roles: ['admin'], users: [] };
  const wanted = {
    version,
    policy: { ...policy, protected: [{ group: 'prod', approvals: 1, by: approver }] },
  };
  const file = join(folder, 'policy.json');
  await writeFile(file, JSON.stringify(wanted));
  expect(await owner('policy', 'set', file)).toMatchObject({ code: 0, out: 'Saved version 1.\n' });
  const again = await owner('policy', 'set', file);
  expect([again.code, again.err]).toEqual([
    1,
    expect.stringContaining('Somebody saved the policy meanwhile'),
  ]);
  await writeFile(file, JSON.stringify({ version: 1, policy: { ...policy, approvalHours: 0 } }));
  expect(await owner('policy', 'set', file)).toMatchObject({
    code: 2,
    err: expect.stringContaining('/approvalHours'),
  });

  const dry = await owner('apply', '--all', '--dry-run');
  expect([dry.code, dry.out]).toEqual([0, expect.stringContaining('wait for approval of prod')]);
  const sent = await owner('apply', '--all', '-m', 'hourly');
  expect([sent.code, sent.out]).toEqual([0, expect.stringContaining('waits for approval of prod (0 of 1)')]);
  const listed = await json(bob('requests', '--json'));
  const [{ id }] = listed.requests;
  expect((await owner('requests', 'approve', id)).code).toBe(1);
  const shown = await bob('requests', 'show', id);
  expect(shown.out).toContain('orders');
  const digest = /digest (sha256:[0-9a-f]+)/.exec(shown.out)?.[1] ?? '';
  expect(await bob('requests', 'approve', id, '--digest', digest, '-m', 'fine')).toMatchObject({
    code: 0,
    out: 'Published v1.\n',
  });
  expect((await owner('requests')).out).toBe('Nothing waits.\n');
  expect((await owner('requests', 'list', '--all')).out).toContain('published');
});

test('[PL7] an apply is rejected, and one at a set time is cancelled', async () => {
  await writeFile(join(folder, 'hakiri.toml'), pipeline('0 7 * * *'));
  await owner('import', join(folder, 'hakiri.toml'));
  const { id } = await json(owner('apply', '--all', '--json'));
  expect((await bob('requests', 'reject', id)).code).toBe(2);
  expect((await bob('requests', 'reject', id, '-m', 'not on Friday')).out).toContain('not on Friday');
  const { version, policy } = await json(owner('policy', 'show', '--json'));
  const open = join(folder, 'open.json');
  await writeFile(open, JSON.stringify({ version, policy: { ...policy, protected: [] } }));
  await owner('policy', 'set', open);
  const day = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
  const later = await owner(
    'apply',
    '--all',
    '--at',
    `${day}T08:30`,
    '--timezone',
    'Europe/Berlin',
    '--latest',
  );
  expect(later.out).toContain(`goes live at ${day}T0`);
  const [waiting] = (await json(owner('requests', '--json'))).requests;
  expect(waiting).toMatchObject({ state: 'scheduled', latest: true, timezone: 'Europe/Berlin' });
  expect((await bob('requests', 'cancel', waiting.id)).out).toContain('cancelled it');
  expect(await owner('apply', '--all', '--at', 'soon')).toMatchObject({
    code: 1,
    err: expect.stringContaining('Write `at` as'),
  });
});
