// What is not live and taking it back from the command line, against a whole server in this process.
import { expect, test } from 'bun:test';
import { useStand } from './testing/stand.ts';

const stand = useStand('file');
const { hakictl } = stand;

const pipeline = (id: string, expr: string): string => `
[[pipeline]]
id = "${id}"
source = { kind = "csv", ref = "orders.csv" }
destination = { table = "orders_${id}" }
schedule = { kind = "cron", expr = "${expr}" }
`;

test('[AP8.11] hakictl says what is not live, for people and as JSON, and takes it back by pipeline and by field', async () => {
  expect((await hakictl('pending')).out).toContain('Nothing to apply.');
  const first = pipeline('orders', '0 6 * * *') + pipeline('shop', '0 7 * * *');
  expect((await hakictl('import - --format toml', first)).err).toBe('');
  expect((await hakictl('pending')).out).toContain('orders');
  expect(await hakictl('apply --all')).toMatchObject({ code: 0 });
  expect((await hakictl('pending')).out).toContain('All of it is live as v1.');
  const second =
    pipeline('orders', '0 9 * * *') + pipeline('shop', '0 9 * * *') + pipeline('late', '0 8 * * *');
  expect((await hakictl('import - --format toml', second)).err).toBe('');
  const { pipelines } = JSON.parse((await hakictl('pending --json')).out);
  expect(pipelines).toMatchObject([
    { kind: 'added', id: 'late' },
    {
      kind: 'changed',
      id: 'orders',
      cosmetic: false,
      fields: [{ path: '/schedule/expr', before: '0 6 * * *' }],
    },
    { kind: 'changed', id: 'shop' },
  ]);
  expect(await hakictl('discard orders --field /schedule/expr')).toMatchObject({ code: 0 });
  expect(JSON.parse((await hakictl('discard late shop --json')).out).kept).toEqual([]);
  expect((await hakictl('pending')).out).toContain('All of it is live as v1.');
  expect((await hakictl('discard nobody')).code).toBe(1);
  expect((await hakictl('discard')).code).toBe(2);
  expect((await hakictl('discard orders shop --field /name')).code).toBe(2);
});
