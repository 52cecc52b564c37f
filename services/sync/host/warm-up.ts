// The first concurrent update after a load makes Loro go through all operations of the document, .4 s at 2,000 pipelines and 2 s
// at 10,000; every later one takes a millisecond. So it is made to do that before anybody waits for it.
import { scopeIndexOf } from '@hakiri/config-doc/scope-index';
import type { LoroDoc, OpId } from 'loro-crdt';

/** Changes nothing. */
export function warmUp(doc: LoroDoc): void {
  // For the same reason: the first Apply of a part would read every pipeline once.
  scopeIndexOf(doc);
  const [tip] = doc.oplogFrontiers();
  if (tip === undefined) return;
  try {
    doc.diff(before(doc, tip), [tip], false);
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) throw error;
    // Right behind a compaction nothing is before the tip; there the first update costs a fifth.
  }
}

function before(doc: LoroDoc, { peer, counter }: OpId): OpId[] {
  const change = doc.getChangeAt({ peer, counter });
  return counter > change.counter ? [{ peer, counter: counter - 1 }] : change.deps;
}
