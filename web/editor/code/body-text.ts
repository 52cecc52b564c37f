// The body of one transform as a text that a code editor shares: found anew at each look, as an undo or somebody else may put
// another container in its place.
import { commitEdit } from '@hakiri/config-doc/edit';
import { readTransform } from '@hakiri/config-doc/read';
import { childText, entityOf, transformsOf } from '@hakiri/config-doc/schema';
import type { LoroDoc } from 'loro-crdt';
import { onDocument } from '../../live/document-events.ts';
import { textOf } from '../../live/text-of.ts';
import type { SharedText } from './shared-text.ts';

/** As one's own edits in this page are told from others'. */
const ORIGIN = 'page';

/** `lost` is told when there is no such transform any more. */
export function bodyText(doc: LoroDoc, pipeline: string, key: string, lost: () => void): SharedText {
  return {
    read: () => textOf(entityOf(transformsOf(doc), key)?.get('body')),
    subscribe: (listener) =>
      onDocument(doc, ({ events }) => {
        for (const { path, diff } of events) {
          const [root, of, field] = path;
          if (root !== 'transforms' || (of !== undefined && of !== key)) continue;
          if (field === 'body' && diff.type === 'text') listener(diff.diff);
          else if (diff.type === 'map' && Object.hasOwn(diff.updated, of === undefined ? key : 'body'))
            listener(undefined);
        }
      }),
    write(splices) {
      const isWritten = commitEdit(doc, ORIGIN, () => {
        const entity = entityOf(transformsOf(doc), key);
        if (!entity || !readTransform(doc, key, pipeline)) return false;
        const body = childText(entity, 'body');
        for (const { at, remove, insert } of splices) {
          if (remove > 0) body.delete(at, remove);
          if (insert !== '') body.insert(at, insert);
        }
        return true;
      });
      if (!isWritten) lost();
    },
  };
}
