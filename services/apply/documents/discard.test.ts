// Discards whose document does not answer, or takes no edits: what is said, and what is on record. The rest is in tests/pending.test.ts.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import type { DiscardBody, DiscardResult } from '@hakiri/contracts/pending';
import type { Problem } from '@hakiri/contracts/problem';
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
  bed.peer.edit({ pipelines: [pipeline(1, { enabled: false }), pipeline(2)], variables: [] });
});
afterEach(() => bed.close());

async function discard(
  body: DiscardBody = { pipelines: [{ pipeline: 'p-1' }] },
): Promise<{ status: number; body: DiscardResult & Partial<Problem> }> {
  const response = await fetch(`${running.url}/v1/manifest/discard`, {
    method: 'POST',
    headers: { authorization: `Bearer ${alice}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}
const recorded = () =>
  until(() => bed.announced.audited.find(({ action }) => action === 'doc.discard'), { what: 'the record' });

test('[AP8.8] what was edited is as it was applied, and that is on record', async () => {
  expect(await discard()).toMatchObject({ status: 200, body: { discarded: [keyOf(1)], kept: [] } });
  expect(bed.peer.current().pipelines[0]).toMatchObject({ enabled: true });
  expect(await recorded()).toMatchObject({ outcome: 'done', detail: { changed: 1, revision: 'v1' } });
});

test('[AP8.12] of an edit that sync did not answer nobody knows: it is on record, repeating is said to be safe, and is', async () => {
  bed.peer.setEditLimit(0);
  const unknown = await discard();
  expect(unknown).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  expect(unknown.body.detail).toContain('Discard again: that is safe');
  expect(unknown.body.detail).not.toContain('Nothing was');
  expect(await recorded()).toMatchObject({ outcome: 'done', detail: { code: 'unavailable' } });
  bed.peer.setEditLimit(Number.POSITIVE_INFINITY);
  expect(await discard()).toMatchObject({ status: 200, body: { discarded: [keyOf(1)] } });
});

test('[AP8.12] sync that falls silent after the edit is not said to have changed nothing', async () => {
  bed.peer.setTouchedLimit(bed.peer.answered.touched + 1);
  const silent = await discard();
  expect(silent).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  expect(silent.body.detail).toContain('Sync took what you asked for');
  expect(bed.peer.current().pipelines[0]).toMatchObject({ enabled: true });
  bed.peer.setTouchedLimit(0);
  expect((await discard()).body.detail).toContain('Nothing was changed');
});

test('[AP8.10] a document that takes no edits says why, and the attempt is on record', async () => {
  bed.peer.archive('main');
  const { status, body } = await discard();
  expect([status, body.code]).toEqual([409, 'conflict']);
  expect(body.detail).toContain('document_archived');
  expect(await recorded()).toMatchObject({ outcome: 'refused', detail: { code: 'conflict' } });
});

test('[AP8.10] more than one update holds is refused, and so is what another document applied', async () => {
  const large = (number: number) => pipeline(number, { description: 'x'.repeat(9_000), enabled: false });
  const version = bed.peer.edit(
    { pipelines: Array.from({ length: 20 }, (_, at) => large(at + 10)), variables: [] },
    'eu',
  );
  await apply(running.url, alice, { doc: 'eu', scope: { kind: 'all' }, version });
  bed.peer.edit({ pipelines: [], variables: [] }, 'eu');
  const pipelines = Array.from({ length: 20 }, (_, at) => ({ pipeline: keyOf(at + 10) }));
  expect(await discard({ doc: 'eu', pipelines })).toMatchObject({ status: 413, body: { code: 'too_large' } });
  expect(bed.peer.current('eu').pipelines).toEqual([]);
  bed.peer.edit({ pipelines: [pipeline(1), pipeline(2), large(10)], variables: [] });
  expect(await discard({ pipelines: [{ pipeline: keyOf(10) }] })).toMatchObject({
    status: 409,
    body: { code: 'conflict' },
  });
});
