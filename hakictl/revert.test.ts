// Taking back from the command line, against a whole server in this process: real documents, real Applies.
import { expect, test } from 'bun:test';
import { useStand } from './testing/stand.ts';

const stand = useStand('file');
const { hakictl } = stand;

const pipeline = (id: string, expr: string, ref = 'orders.csv'): string => `
[[pipeline]]
id = "${id}"
source = { kind = "http-json", ref = "${ref}" }
destination = { table = "orders" }
schedule = { kind = "cron", expr = "${expr}" }
transforms = [{ kind = "filter", body = "a > 1", inputs = [] }]
`;
const HOST = '[[variable]]\nname = "HOST"\nvalue = "shop.example"\n';

test('[AP9.3] what was applied comes back, live with --apply, to the byte; deleted pipelines with their keys, transforms and variables', async () => {
  const first = pipeline('orders', '0 6 * * *') + pipeline('shop', '0 7 * * *', `https://\${HOST}/`) + HOST;
  expect((await hakictl('import - --format toml', first)).err).toBe('');
  expect(await hakictl('apply --all')).toMatchObject({ code: 0, err: '' });
  const second = pipeline('orders', '0 9 * * *') + pipeline('late', '0 8 * * *');
  expect((await hakictl('import - --format toml --replace', second)).err).toBe('');
  expect(await hakictl('apply --all')).toMatchObject({ code: 0, err: '' });

  const dry = await hakictl('revert v1 --dry-run');
  expect(dry).toMatchObject({ code: 0, err: '' });
  for (const line of ['~ pipeline orders', '+ pipeline shop', '- pipeline late', '+ variable HOST'])
    expect(dry.out).toContain(line);
  expect((await hakictl('export')).out).toContain('0 9 * * *');

  const one = await hakictl('revert v1 --pipeline shop --apply -m again');
  expect(one).toMatchObject({ code: 0, err: '' });
  expect(one.out).toContain('Published v3');
  expect((await hakictl('revisions v3 --toml')).out).toContain('id = "late"');

  const whole = JSON.parse((await hakictl('revert v1 --apply --json')).out);
  expect(whole).toMatchObject({
    to: 'v1',
    issues: [],
    documents: [{ doc: 'main', updates: 1, apply: { state: 'published', revision: { label: 'v4' } } }],
  });
  expect((await hakictl('revisions v4 --toml')).out).toBe((await hakictl('revisions v1 --toml')).out);
  expect((await hakictl('revert v1')).out).toContain('main: nothing to write.');
  expect((await hakictl('revert v1 --pipeline nobody')).code).toBe(1);
  expect((await hakictl('revert v1 --apply --dry-run')).code).toBe(2);
}, 120_000);

test('[AP9.7] a document that was archived is said with the command that takes it back, which then does', async () => {
  expect((await hakictl('docs create eu')).err).toBe('');
  expect((await hakictl('import - --format toml --doc eu', pipeline('eu-orders', '0 6 * * *'))).err).toBe('');
  const applied = JSON.parse((await hakictl('apply --doc eu --all --json')).out);
  const { label } = applied.revision;
  const off = pipeline('eu-orders', '0 9 * * *');
  expect((await hakictl('import - --format toml --doc eu', off)).err).toBe('');
  expect((await hakictl('apply --doc eu --all')).err).toBe('');
  expect((await hakictl('docs archive eu')).err).toBe('');
  const refused = await hakictl(`revert ${label} --apply`);
  expect([refused.code, refused.err.includes('hakictl docs unarchive eu')]).toEqual([1, true]);
  expect((await hakictl('docs unarchive eu')).err).toBe('');
  const done = await hakictl(`revert ${label} --apply`);
  expect([done.code, done.err]).toEqual([0, '']);
  expect((await hakictl('revisions --limit 1 --json')).out).toContain('eu-orders');
}, 120_000);
