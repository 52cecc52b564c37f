// A host and those who write into its document, without threads, sockets and a log: what they send is taken in as a worker does.
import type { Prng } from '@hakiri/base/prng';
import { createPipeline, setSchedule, setText } from '@hakiri/config-doc/edit';
import { initDocument } from '@hakiri/config-doc/schema';
import { SCHEMA_VERSION } from '@hakiri/config-doc/shape';
import { versionOf } from '@hakiri/config-doc/version';
import { LoroDoc, type VersionVector } from 'loro-crdt';
import { DEFAULTS } from '../config.ts';
import { encodeBase } from '../document/base.ts';
import { type Answer, Host, type Order, type UpdateOrder, updatesTogether } from '../host/host.ts';
import type { UpdateReply } from '../host/protocol.ts';

export const DOCUMENT = 1;
export const LIMITS = { ...DEFAULTS, pending: { bytes: 2_000, counters: 12 } };

export const start = new LoroDoc();
start.setPeerId('900');
initDocument(start);
createPipeline(start, { id: 'a' }, 'A');
start.commit();
export const base = encodeBase({
  snapshot: start.export({ mode: 'snapshot' }),
  version: versionOf(start),
  schema: SCHEMA_VERSION,
  leases: [],
});

export function openHost(): Host {
  const host = new Host(LIMITS, () => 0);
  host.perform({ document: DOCUMENT, kind: 'open', input: { base, entries: [] } });
  return host;
}

/** As a worker does. */
export function performAll(host: Host, orders: readonly Order[]): Answer[] {
  const answers: Answer[] = [];
  for (let order = orders[0]; order !== undefined; order = orders[answers.length]) {
    const together = updatesTogether(orders, answers.length);
    answers.push(...(together.length > 1 ? host.performTogether(together) : [host.perform(order)]));
  }
  return answers;
}
export function updateReply(answer: Answer): UpdateReply {
  if (answer.kind !== 'done' || answer.reply === undefined || !('news' in answer.reply))
    throw new Error(`an update was answered ${JSON.stringify(answer)}`);
  return answer.reply;
}

export class Writer {
  readonly doc = new LoroDoc();
  readonly user: string;
  readonly connection: number;
  readonly sent: Uint8Array[] = [];

  constructor(index: number) {
    this.connection = index;
    this.user = `user-${index >> 1}`;
    this.doc.import(start.export({ mode: 'snapshot' }));
    this.doc.setPeerId(`${10 + index}`);
  }

  edit(random: Prng): Uint8Array {
    const from = this.doc.oplogVersion();
    const value = String(random.below(1_000));
    const kind = random.below(20);
    if (kind === 0) this.doc.getMap('meta').set('schemaVersion', random.below(9));
    else if (kind < 6) setText(this.doc, 'A', 'description', `text ${value}`);
    else if (kind < 12) setSchedule(this.doc, 'A', { kind: 'every', expr: value });
    else if (kind < 14) for (let count = 0; count < 5; count++) this.doc.getList('list').push(value);
    else this.doc.getMap('scratch').set(`k${random.below(3)}`, value);
    return this.#since(from);
  }

  /** Something that is certainly an operation. */
  note(): Uint8Array {
    const from = this.doc.oplogVersion();
    this.doc.getMap('scratch').set('note', `${this.connection} ${this.sent.length}`);
    return this.#since(from);
  }

  #since(from: VersionVector): Uint8Array {
    this.doc.commit();
    const update = this.doc.export({ mode: 'update', from });
    this.sent.push(update);
    return update;
  }

  order(...updates: Uint8Array[]): UpdateOrder {
    const { user, connection } = this;
    return { document: DOCUMENT, kind: 'update', input: { updates, user, connection, atMs: 5 } };
  }
}
