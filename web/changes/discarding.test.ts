// Several requests of one discard, of which one fails.
import { expect, test } from 'bun:test';
import { DISCARD_LIMIT, type DiscardBody } from '@hakiri/contracts/pending';
import { LoroDoc } from 'loro-crdt';
import { createStore } from '../live/store.ts';
import { news } from '../parts/announce.ts';
import { discard } from './discarding.ts';

test('[PG3.6] what was discarded before a request failed has its way back, and each request leaves what was edited since', async () => {
  const items = Array.from({ length: 2 * DISCARD_LIMIT }, (_, index) => ({
    root: 'pipelines' as const,
    change: { kind: 'added' as const, key: `k${index}`, id: `k${index}`, cosmetic: false },
  }));
  const asked: DiscardBody[] = [];
  const apply = {
    async discard(body: DiscardBody) {
      asked.push(body);
      if (asked.length > 1) throw new Error('no answer');
      const keys = (body.pipelines ?? []).map(({ pipeline }) => pipeline);
      return { doc: 'main', version: 'v2', discarded: keys, kept: [] };
    },
  };
  const workspace = {
    docId: 'main',
    connection: {
      status: () => ({ kind: 'saved' as const }),
      saved: async () => {},
      version: () => 'v1',
      doc: new LoroDoc(),
    },
    pipelines: { draft: () => undefined },
    variables: { list: createStore([]) },
    unapplied: { again() {} },
  };
  await expect(discard({ apply }, workspace, items, 'all')).rejects.toThrow('no answer');
  expect(asked.map(({ version }) => version)).toEqual(['v1', 'v1']);
  const told = news.get().find(({ text }) => text === `Discarded: ${DISCARD_LIMIT} entries`);
  expect(told?.action).toMatchObject({ label: 'Undo', isWayBack: true });
});
