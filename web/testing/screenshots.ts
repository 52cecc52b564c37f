// `npm run screenshots`: plays a scene on a real server and writes a picture of each screen, in both themes and on a phone, to be
// looked at. With `--readme` four of them become those of the README.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@hakiri/client/client';
import { connectDocument } from '@hakiri/client/sync';
import { commitEdit, setEnabled, setSchedule, setText } from '@hakiri/config-doc/edit';
import { readConfig } from '@hakiri/config-doc/read';
import type { Page } from 'playwright-core';
import { openPageBed } from './page-bed.ts';

const ROOT = join(import.meta.dir, '../..');
const WIDE = { width: 1360, height: 850 };
const PHONE = { width: 390, height: 844 };
const README = ['pipelines', 'pipeline', 'changes', 'revision'];
const RUN_LIMIT_MS = 30_000;
/** News come on open streams, so that no moment says that all is there. */
const SETTLE_MS = 2_500;

type Screen = { name: string; path: string; act?: (page: Page) => Promise<unknown> };

const bed = await openPageBed();
if (!bed) throw new Error('Chromium is missing: apt-get install chromium');
try {
  const toReadme = Bun.argv.includes('--readme');
  const screens = await playScene();
  for (const theme of ['light', 'dark'] as const) await takeAll(screens, { theme, ...WIDE, suffix: theme });
  await takeAll(screens, { theme: 'light', ...PHONE, suffix: 'phone' });
  if (toReadme) await forReadme();
  for (const complaint of bed.complaints) process.stdout.write(`complaint: ${complaint}\n`);
} finally {
  await bed.end();
}
process.exit(0);

/** A team at work: something live, something changed since, something wrong, somebody else here, runs that ran. */
async function playScene(): Promise<Screen[]> {
  const { url, ownerToken } = known(bed).server;
  const client = createClient({ url, token: ownerToken });
  const { team } = await client.auth.me();
  const live = async (message: string): Promise<void> => {
    const { version } = await client.apply.document('main');
    await client.apply.apply({ doc: 'main', scope: { kind: 'all' }, version, message });
  };
  const example = await Bun.file(join(ROOT, 'examples/hakiri.toml')).text();
  await client.apply.import(example, { doc: 'main', format: 'toml' });
  await live('The shop, as it begins');
  const connection = await connectDocument({ client, team, doc: 'main' });
  const { doc } = connection;
  const keyOf = (id: string): string =>
    readConfig(doc).pipelines.find((pipeline) => pipeline.id === id)?.key ?? '';
  commitEdit(doc, 'scene', () => setSchedule(doc, keyOf('gh-pulls'), { kind: 'cron', expr: '*/10 * * * *' }));
  await connection.saved();
  await live('Pull requests more often');
  commitEdit(doc, 'scene', () => {
    setText(doc, keyOf('gh-issues'), 'description', 'Every issue, open and closed.');
    setSchedule(doc, keyOf('gh-issues'), { kind: 'cron', expr: '0 */2 * * *' });
    setSchedule(doc, keyOf('gh-pulls'), { kind: 'cron', expr: '5 * * *' });
    setEnabled(doc, keyOf('orders-live'), true);
  });
  await connection.saved();
  const [run] = await runsThatRan(client);
  await known(bed).bob.goto(`${url}/docs/main/pipelines/${keyOf('gh-issues')}?field=schedule/expr`);
  await client.auth.createToken({ name: 'Apply from CI', role: 'applier', ttlDays: 90 });
  const at = '/docs/main';
  return [
    { name: 'pipelines', path: `${at}/pipelines` },
    { name: 'pipeline', path: `${at}/pipelines/${keyOf('gh-issues')}` },
    { name: 'pipeline-wrong', path: `${at}/pipelines/${keyOf('gh-pulls')}?field=schedule/expr` },
    { name: 'variables', path: `${at}/variables` },
    { name: 'changes', path: `${at}/changes` },
    { name: 'revisions', path: '/revisions' },
    { name: 'revision', path: '/revisions/v2' },
    { name: 'daemons', path: '/daemons' },
    { name: 'runs', path: '/runs' },
    ...(run ? [{ name: 'run', path: `/runs/${run}` }] : []),
    { name: 'upcoming', path: '/runs/upcoming' },
    { name: 'ledger', path: '/runs/ledger' },
    { name: 'members', path: '/admin/members' },
    { name: 'invitations', path: '/admin/invitations' },
    { name: 'tokens', path: '/admin/tokens' },
    { name: 'policy', path: '/admin/policy' },
    { name: 'audit', path: '/admin/audit' },
    { name: 'palette', path: `${at}/pipelines`, act: (page) => page.keyboard.press('Control+k') },
    { name: 'shortcuts', path: `${at}/pipelines`, act: (page) => page.keyboard.press('?') },
    { name: 'nothing', path: '/nowhere' },
  ];
}

/** The example's live pipeline fires every ten seconds. */
async function runsThatRan(client: ReturnType<typeof createClient>): Promise<string[]> {
  for (
    const deadline = performance.now() + RUN_LIMIT_MS;
    performance.now() < deadline;
    await Bun.sleep(500)
  ) {
    const { runs } = await client.runs.list();
    const done = runs.filter(({ state }) => state === 'succeeded');
    if (done.length > 0) return done.map(({ id }) => id);
  }
  return [];
}

async function takeAll(
  screens: readonly Screen[],
  { theme, suffix, ...size }: { theme: 'light' | 'dark'; suffix: string; width: number; height: number },
): Promise<void> {
  const { alice, server } = known(bed);
  const folder = join(ROOT, '.cache/screenshots');
  await mkdir(folder, { recursive: true });
  await alice.setViewportSize(size);
  await alice.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  for (const { name, path, act } of screens) {
    await alice.goto(`${server.url}${path}`);
    await alice.locator('h1, h2').first().waitFor();
    await alice.waitForTimeout(SETTLE_MS);
    if (act) {
      await act(alice);
      await alice.getByRole('dialog').waitFor();
    }
    await alice.screenshot({ path: join(folder, `${name}-${suffix}.png`), animations: 'disabled' });
    process.stdout.write(`${join('.cache/screenshots', `${name}-${suffix}.png`)}\n`);
  }
}

async function forReadme(): Promise<void> {
  await mkdir(join(ROOT, 'docs/images'), { recursive: true });
  for (const name of README)
    await Bun.write(
      join(ROOT, `docs/images/${name}.png`),
      Bun.file(join(ROOT, `.cache/screenshots/${name}-light.png`)),
    );
}

function known<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('the scene has no stage');
  return value;
}
