// A pipeline, and two who set its schedule without knowing of each other, as a log has it.
import { createPipeline, setSchedule } from '@hakiri/config-doc/edit';
import { LoroDoc } from 'loro-crdt';
import type { LogRecord } from '../document/record.ts';

export function aConflict(receivedAtMs = 0): LogRecord[] {
  const alice = new LoroDoc();
  alice.setPeerId('701');
  const key = createPipeline(alice, { id: 'gh-issues' });
  alice.commit();
  const made = alice.export({ mode: 'update' });
  const bob = new LoroDoc();
  bob.setPeerId('702');
  bob.import(made);
  const edit = (doc: LoroDoc, expr: string): Uint8Array => {
    const from = doc.oplogVersion();
    setSchedule(doc, key, { kind: 'every', expr });
    doc.commit();
    return doc.export({ mode: 'update', from });
  };
  const updates = [
    ['alice', made],
    ['alice', edit(alice, '1m')],
    ['bob', edit(bob, '2m')],
  ] as const;
  return updates.map(([id, update]) => ({
    actor: { kind: 'user', id },
    receivedAtMs,
    kind: 'update',
    update,
  }));
}
