// What the news room says, as a client hears it.
import { expect, test } from 'bun:test';
import { PENDING_KEY } from '@hakiri/contracts/pending';
import { LoroDoc } from 'loro-crdt';
import { createNotices } from './notices.ts';

test('[AP8.5] how much is not applied is heard when it is another, and nothing else is taken for it', () => {
  const { notices, store, close } = createNotices(() => new LoroDoc());
  const heard: unknown[] = [];
  const stop = notices.onPending((pending) => heard.push(pending));
  store.set(PENDING_KEY, { pipelines: 1, variables: 0 });
  store.set(PENDING_KEY, { pipelines: 1, variables: 0 });
  store.set('notice/x', { pipelines: 9 });
  store.set(PENDING_KEY, 'nonsense');
  store.set(PENDING_KEY, { pipelines: 0, variables: 2 });
  expect(heard).toEqual([
    { pipelines: 1, variables: 0 },
    { pipelines: 0, variables: 2 },
  ]);
  stop();
  store.set(PENDING_KEY, { pipelines: 3, variables: 0 });
  expect(heard).toHaveLength(2);
  close();
});
