// The variables of a document, by name; of those that somebody changes each is read again, and the others stay the same objects.
import { jsonEqual } from '@hakiri/base/json';
import { plain } from '@hakiri/config-doc/plain';
import { readVariables } from '@hakiri/config-doc/read';
import type { VariableDraft } from '@hakiri/contracts/config';
import type { LoroDoc } from 'loro-crdt';
import { createFollower } from './after-paint.ts';
import { onDocument } from './document-events.ts';
import { createStore, type Store } from './store.ts';
import { textOf } from './text-of.ts';

export type Variables = { list: Store<readonly VariableDraft[]>; close(): void };

export function watchVariables(doc: LoroDoc): Variables {
  let known = new Map<string, VariableDraft>();
  const read = (): readonly VariableDraft[] => {
    const now = readVariables(doc).map((draft) => {
      const before = known.get(draft.key);
      return before && jsonEqual(plain(before), plain(draft)) ? before : draft;
    });
    known = new Map(now.map((draft) => [draft.key, draft]));
    return now.sort((a, b) => textOf(a.name).localeCompare(textOf(b.name)) || (a.key < b.key ? -1 : 1));
  };
  const list = createStore(read());
  const following = createFollower(() => list.set(read()));
  const unsubscribe = onDocument(doc, ({ events }) => {
    if (!events.some(({ path }) => path[0] === 'variables')) return;
    following.ask();
  });
  return {
    list,
    close() {
      unsubscribe();
      following.cancel();
    },
  };
}
