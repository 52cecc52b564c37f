// What the log says to who joins while its document is being opened: its base is a snapshot as it lies there, the entries behind
// it are what was told to members already. Only who lacks something older than the base has to wait for Loro. It is read when
// somebody asks, on the thread of all sockets: most documents are opened for an edit.
import { fromBase64Url, toBase64Url } from '@hakiri/base/bytes';
import { SCHEMA_VERSION } from '@hakiri/config-doc/shape';
import { covers, decodeVersion, encodeVersion, type Version } from '@hakiri/config-doc/version';
import { COLD_BASE_BYTES } from '../host/cold-base.ts';
import { Leases } from '../host/leases.ts';
import type { Command, CommandKind, HeldPeer, Input, JoinReply, Reply, Snapshot } from '../host/protocol.ts';
import { mentionsSchema } from '../host/together.ts';
import { scanUpdate } from '../host/update-bytes.ts';
import { gate } from '../socket/join-payload.ts';
import { decodeHead } from './base.ts';
import { decodeRecord, type LeaseNote, RecordError, updateIn } from './record.ts';

/** More is read by the host alone. */
const HEAD_LIMIT_BYTES = 256 * 1024;
/** Each costs every join. */
const HEAD_LIMIT_PEERS = 1_000;
/** Of as many peers, each as long as can be. */
const VERSION_LIMIT_BYTES = HEAD_LIMIT_PEERS * 16;
const TAIL_LIMIT_ENTRIES = 200;
const TAIL_LIMIT_BYTES = 256 * 1024;

type Head = { snapshot: Snapshot; ends: Version; leases: readonly LeaseNote[]; isCold: boolean };
/** What came behind the base. `version`: of all that the log has. */
type Tail = { version: Uint8Array; updates: { update: Uint8Array; ends: Version }[]; leases: Leases };

export class LogHead {
  /** Holds nothing but the base. Undefined when only Loro can say what is in it. */
  readonly snapshot: () => Snapshot | undefined;
  readonly #head: () => Head | undefined;
  readonly #tail: () => Tail | undefined;

  constructor({ base, entries, holders = [] }: Input<'open'>) {
    this.#head = headIn(base);
    this.#tail = tailIn(this.#head, entries, holders);
    this.snapshot = snapshotOf(this.#head);
  }

  /** Undefined when the host has to. */
  answer(command: Command): Reply<CommandKind> | undefined {
    if (command.kind === 'snapshot') return this.snapshot();
    return command.kind === 'join' ? this.#join(command.input) : undefined;
  }

  #join({ version, device, speaks, isEditor, ...writer }: Input<'join'>): JoinReply | undefined {
    const [head, tail] = [this.#head(), this.#tail()];
    if (head === undefined || tail === undefined) return undefined;
    const known = version.length > VERSION_LIMIT_BYTES ? undefined : decodeVersion(toBase64Url(version));
    if (known === undefined || !covers(known, head.ends)) return undefined;
    // What it edits next would wait for what is done in a large document before the join is answered.
    if (isEditor && head.isCold) return undefined;
    if (gate(speaks, SCHEMA_VERSION) !== 'ok') return { kind: 'update_required' };
    const { updates, leases } = tail;
    const ahead =
      device === undefined ? { peers: [], granted: [] } : leases.ahead(writer, device.id, device.fresh);
    return {
      kind: 'joined',
      // Nobody is sent what it has: it may be its own.
      updates: updates.flatMap(({ update, ends }) => (covers(known, ends) ? [] : [update])),
      version: tail.version,
      // When it is open somebody is in: that is when it is warmed up.
      isCold: false,
      ...ahead,
    };
  }
}

// Each closes over what it needs and nothing else: who joins later is sent the snapshot too, and keeps no entries for that.

function snapshotOf(head: () => Head | undefined): () => Snapshot | undefined {
  return () => head()?.snapshot;
}

function headIn(base: Uint8Array | undefined): () => Head | undefined {
  return once(() => (base === undefined ? undefined : readHead(base)));
}

function tailIn(
  head: () => Head | undefined,
  entries: readonly Uint8Array[],
  holders: readonly HeldPeer[],
): () => Tail | undefined {
  return once(() => {
    const read = head();
    return read === undefined ? undefined : readTail(read, entries, holders);
  });
}

function readHead(base: Uint8Array): Head | undefined {
  const head = decodeHead(base, HEAD_LIMIT_BYTES);
  // Of another schema it is migrated before anybody sees it, or refused.
  if (head === undefined || head.schema !== SCHEMA_VERSION || head.leases.length > HEAD_LIMIT_PEERS)
    return undefined;
  const { snapshot, leases } = head;
  const version = fromBase64Url(head.version);
  if (version === undefined || version.length > VERSION_LIMIT_BYTES) return undefined;
  const ends = decodeVersion(head.version);
  if (ends === undefined) return undefined;
  return { snapshot: { bytes: snapshot, version }, ends, leases, isCold: snapshot.length > COLD_BASE_BYTES };
}

function readTail(
  head: Head,
  entries: readonly Uint8Array[],
  holders: readonly HeldPeer[],
): Tail | undefined {
  const bytes = entries.reduce((sum, entry) => sum + entry.length, 0);
  if (entries.length > TAIL_LIMIT_ENTRIES || bytes > TAIL_LIMIT_BYTES) return undefined;
  const version = new Map(head.ends);
  const updates: Tail['updates'] = [];
  // Whoever wrote in the tail under an id of its own is missing: no device is given such an id.
  const leases = new Leases();
  for (const lease of head.leases) leases.grant(lease);
  for (const record of entries.map(decodeRecord)) {
    if (record.kind === 'lease') leases.grant(record.note);
    const update = updateIn(record);
    if (update === undefined) continue;
    // The base's schema says nothing of the document that newer code has migrated since.
    const scan = mentionsSchema(update) ? undefined : scanUpdate(update);
    if (scan === undefined) return undefined;
    const { ends } = scan;
    for (const [peer, end] of ends) version.set(peer, Math.max(end, version.get(peer) ?? 0));
    updates.push({ update, ends });
  }
  for (const holder of holders) leases.hold(holder);
  // As Loro encodes it.
  return { version: fromBase64Url(encodeVersion(version)) ?? new Uint8Array(), updates, leases };
}

/** Of what cannot be read the host says why. */
function once<T>(read: () => T | undefined): () => T | undefined {
  let isRead = false;
  let value: T | undefined;
  return () => {
    if (isRead) return value;
    isRead = true;
    try {
      value = read();
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
    }
    return value;
  };
}
