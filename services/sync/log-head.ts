// What the log says to who joins while its document is being opened: its base is a snapshot as it lies there, the entries behind
// it are what was told to members already. Only who lacks something older than the base has to wait for Loro.
import { fromBase64Url, toBase64Url } from '@hakiri/base/bytes';
import { SCHEMA_VERSION } from '@hakiri/config-doc/shape';
import { covers, decodeVersion, encodeVersion, type Version } from '@hakiri/config-doc/version';
import { type BaseHead, decodeHead } from './base.ts';
import { Leases } from './host/leases.ts';
import type { Command, CommandKind, HeldPeer, Input, JoinReply, Reply, Snapshot } from './host/protocol.ts';
import { scanUpdate } from './host/update-bytes.ts';
import { COLD_BASE_BYTES } from './host/warm-up.ts';
import { gate } from './join-payload.ts';
import { decodeRecord, type LogRecord, updateIn } from './record.ts';

/** More is read by the host alone: this is the main thread. */
const HEAD_LIMIT_BYTES = 256 * 1024;
const TAIL_LIMIT_ENTRIES = 200;
const TAIL_LIMIT_BYTES = 256 * 1024;

/** What came behind the base. `version`: of all that the log has. */
type Tail = { version: Version; updates: { update: Uint8Array; ends: Version }[]; leases: Leases };

export class LogHead {
  readonly snapshot: Snapshot;
  readonly #head: BaseHead;
  readonly #ends: Version;
  readonly #isCold: boolean;
  /** Undefined when it is too long. */
  readonly #records: LogRecord[] | undefined;
  readonly #holders: readonly HeldPeer[];
  /** Made for the first who asks. */
  #tail: Tail | undefined;

  /** Undefined when only Loro can say what is in it. @throws RecordError */
  static of({ base, entries, holders = [] }: Input<'open'>): LogHead | undefined {
    const head = base === undefined ? undefined : decodeHead(base, HEAD_LIMIT_BYTES);
    const ends = head === undefined ? undefined : decodeVersion(head.version);
    // Of another schema it is migrated before anybody sees it, or refused.
    if (head === undefined || ends === undefined || head.schema !== SCHEMA_VERSION) return undefined;
    const tailBytes = entries.reduce((sum, entry) => sum + entry.length, 0);
    const isShort = entries.length <= TAIL_LIMIT_ENTRIES && tailBytes <= TAIL_LIMIT_BYTES;
    return new LogHead(head, ends, isShort ? entries.map(decodeRecord) : undefined, holders);
  }

  private constructor(
    head: BaseHead & { snapshot: Uint8Array },
    ends: Version,
    records: LogRecord[] | undefined,
    holders: readonly HeldPeer[],
  ) {
    this.#head = head;
    this.#ends = ends;
    this.#isCold = head.snapshot.length > COLD_BASE_BYTES;
    this.#records = records;
    this.#holders = holders;
    this.snapshot = { bytes: head.snapshot, version: bytesOf(ends) };
  }

  /** Undefined when the host has to. */
  answer(command: Command): Reply<CommandKind> | undefined {
    if (command.kind === 'snapshot') return this.snapshot;
    return command.kind === 'join' ? this.#join(command.input) : undefined;
  }

  #join({ version, device, speaks, isEditor, ...writer }: Input<'join'>): JoinReply | undefined {
    const known = decodeVersion(toBase64Url(version));
    if (this.#records === undefined || known === undefined || !covers(known, this.#ends)) return undefined;
    // What it edits next would wait for what is done in a large document before the join is answered.
    if (isEditor && this.#isCold) return undefined;
    if (gate(speaks, this.#head.schema) !== 'ok') return { kind: 'update_required' };
    this.#tail ??= this.#read(this.#records);
    if (this.#tail === undefined) return undefined;
    const { updates, leases } = this.#tail;
    const ahead =
      device === undefined ? { peers: [], granted: [] } : leases.ahead(writer, device.id, device.fresh);
    return {
      kind: 'joined',
      // Nobody is sent what it has: it may be its own.
      updates: updates.flatMap(({ update, ends }) => (covers(known, ends) ? [] : [update])),
      version: bytesOf(this.#tail.version),
      // When it is open somebody is in: that is when it is warmed up.
      isCold: false,
      ...ahead,
    };
  }

  #read(records: readonly LogRecord[]): Tail | undefined {
    const version = new Map(this.#ends);
    const updates: Tail['updates'] = [];
    // Whoever wrote in the tail under an id of its own is missing: no device is given such an id.
    const leases = new Leases();
    for (const lease of this.#head.leases) leases.grant(lease);
    for (const record of records) {
      if (record.kind === 'lease') leases.grant(record.note);
      const update = updateIn(record);
      if (update === undefined) continue;
      const scan = scanUpdate(update);
      if (scan === undefined) return undefined;
      const { ends } = scan;
      for (const [peer, end] of ends) version.set(peer, Math.max(end, version.get(peer) ?? 0));
      updates.push({ update, ends });
    }
    for (const holder of this.#holders) leases.hold(holder);
    return { version, updates, leases };
  }
}

/** As Loro encodes it. */
function bytesOf(version: Version): Uint8Array {
  return fromBase64Url(encodeVersion(version)) ?? new Uint8Array();
}
