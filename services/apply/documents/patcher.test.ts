// Patches whose answer is not a plain yes: sync that does not say whether it wrote, and a pipeline that has another id by now.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { until } from '@hakiri/testing/until';
import { apply, type Bed, openBed, type Running } from '../testing/bed.ts';
import { keyOf, pipeline } from '../testing/bed-peer.ts';

let bed: Bed;
let running: Running;
let alice: string;

beforeEach(async () => {
  bed = await openBed();
  running = await bed.start();
  alice = bed.token('applier', 'alice');
  const version = bed.peer.edit({ pipelines: [pipeline(1), pipeline(2)], variables: [] });
  expect((await apply(running.url, alice, { scope: { kind: 'all' }, version })).body.state).toBe('published');
});
afterEach(() => bed.close());

async function send(method: string, path: string, body: unknown, type = 'application/json') {
  const answer = await fetch(`${running.url}/v1/manifest/${path}`, {
    method,
    headers: { authorization: `Bearer ${alice}`, 'content-type': type },
    body: JSON.stringify(body),
  });
  const { code, detail, issues = [] } = await answer.json();
  return { status: answer.status, code, detail, issues };
}
const patch = (id: string, body: unknown) =>
  send('PATCH', `pipelines/${id}`, body, 'application/merge-patch+json');
const recorded = (action: string) =>
  until(() => bed.announced.audited.find((record) => record.action === action), { what: action });

test('[AP13.33] of a patch and an import that sync did not answer nobody knows, which is said and on record', async () => {
  bed.peer.setEditLimit(0);
  const patched = await patch('p-1', { enabled: false });
  expect(patched).toMatchObject({ status: 503, code: 'unavailable' });
  expect(patched.detail).toContain('nobody knows whether');
  expect(await recorded('doc.patch')).toMatchObject({ outcome: 'done', detail: { code: 'unavailable' } });
  const imported = await send('POST', 'import', { pipelines: [pipeline(3)] });
  expect(imported).toMatchObject({ status: 503, code: 'unavailable' });
  expect(imported.detail).toContain('0 of 1 batches are written, and of the next one nobody knows');
  for (const { detail } of [patched, imported]) expect(detail).not.toContain('Nothing was');
  bed.peer.setEditLimit(Number.POSITIVE_INFINITY);
  expect((await patch('p-1', { enabled: false })).status).toBe(200);
});

test('[AP13.34] a pipeline that was renamed in the document is said to be, by the id that is live and by no other', async () => {
  bed.peer.edit({ pipelines: [pipeline(1, { id: 'orders' })], variables: [] });
  const renamed = await patch('p-1', { enabled: false });
  expect([renamed.status, renamed.code]).toEqual([404, 'not_found']);
  expect(renamed.detail).toContain('`orders`');
  expect(renamed.detail).toContain(keyOf(1));
  expect(await patch('p-2', { enabled: false })).toMatchObject({ status: 410, code: 'gone' });
  expect(await patch('p-9', { enabled: false })).toMatchObject({ status: 404 });
  expect((await patch('orders', { enabled: false })).status).toBe(200);
});

test('[AP13.22] a field within a field that there is not is refused, and nothing is written', async () => {
  const version = bed.peer.version();
  const refused = await patch('p-1', { schedule: { foo: 1 } });
  expect(refused).toMatchObject({ status: 422, code: 'invalid_config' });
  expect(refused.issues).toMatchObject([{ path: '/schedule/foo', code: 'patch.unknown_field' }]);
  expect(bed.peer.version()).toBe(version);
});
