// The replica of one document in use: read into Loro at the start, appended to as it changes, folded into a new base when it has
// grown. Each tab appends for itself, its own edits after everything they build on, so the log can be read whoever died.
import { decodeImportBlobMeta, LoroDoc } from 'loro-crdt';
import type { ReplicaEntry, ReplicaFacts, ReplicaLog, ReplicaStore, StoredReplica } from './replica-store.ts';
import { localStarts } from './sync-ledger.ts';

/** What came from the server is written at the latest after this time or with so many bytes: it can be had again. */
const REMOTE_DELAY_MS = 1_000;
const REMOTE_LIMIT_BYTES = 256 * 1024;
/** So many are under way at once where the disk is slow; then what is recorded leaves together. */
const WRITERS_LIMIT = 8;
/** The log is folded when it is longer than either, and larger than its base. */
const FOLD_ENTRIES = 1_000;
const FOLD_BYTES = 1024 * 1024;

export type Replica = {
  readonly device: string;
  readonly log: ReplicaLog;
  /** False when the store has failed: nothing is kept from then on. */
  works(): boolean;
  /** What is stored cannot be read: it is left alone, for somebody to look at. */
  giveUp(): void;
  facts(): ReplicaFacts;
  /** Everything that is stored now, in a document of its own. */
  read(): Promise<{ stored: StoredReplica; doc: LoroDoc; isEmpty: boolean }>;
  /** Resolves when it is durable, with everything recorded before it; also when the store has failed. */
  keep(entry: ReplicaEntry): Promise<void>;
  /** Written soon, and before anything kept later. */
  keepSoon(entry: ReplicaEntry): Promise<void>;
  flush(): Promise<void>;
  change(change: (facts: ReplicaFacts) => ReplicaFacts): Promise<void>;
  reset(facts: ReplicaFacts): Promise<void>;
  /** Resolves when nothing more is written, nor told to other tabs. */
  close(): Promise<void>;
};

type Waiting = { entry: ReplicaEntry; done: () => void };

/** Undefined without a store, and when it cannot be opened: the caller goes on without, and says that edits are not kept. */
export async function openReplica(options: {
  store?: ReplicaStore;
  user?: string;
  room: string;
  onBroken: () => void;
}): Promise<Replica | undefined> {
  const { store, user, room, onBroken } = options;
  if (!store || user === undefined) return undefined;
  try {
    const device = await store.device();
    const log = await store.open({ user, room });
    const { facts } = await log.read();
    return createReplica(device, log, facts, onBroken);
  } catch {
    return undefined;
  }
}

function createReplica(device: string, log: ReplicaLog, loaded: ReplicaFacts, onBroken: () => void): Replica {
  let facts = loaded;
  let works = true;
  let waiting: Waiting[] = [];
  let waitingBytes = 0;
  let writing: Promise<void> = Promise.resolve();
  let writers = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let grown = { entries: 0, bytes: 0 };
  /** As it was read last. */
  let baseBytes = 0;
  let folding = false;

  function broke(): void {
    if (!works) return;
    works = false;
    onBroken();
  }

  /** In the order of recording: each takes all that waits in the turn in which it hands it to the store, which keeps the order. */
  async function write(): Promise<void> {
    writers += 1;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      grown = { entries: grown.entries + batch.length, bytes: grown.bytes + waitingBytes };
      waitingBytes = 0;
      if (works) await log.append(batch.map(({ entry }) => entry)).catch(broke);
      for (const { done } of batch) done();
    }
    // In the same turn as the last look at what waits: what comes from now on begins another writing.
    writers -= 1;
    const isLong = grown.entries > FOLD_ENTRIES || grown.bytes > FOLD_BYTES;
    // Reading all of it only to find that it is not worth a base would stop whoever types.
    if (isLong && grown.bytes >= baseBytes) void fold();
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    // Not behind the one before: what waits here ends with the page, what the store has begun it finishes.
    if (writers < WRITERS_LIMIT) writing = Promise.all([writing, write()]).then(() => {});
    return writing;
  }

  function add(entry: ReplicaEntry): Promise<void> {
    waitingBytes += entry.bytes.length;
    return new Promise((done) => {
      waiting.push({ entry, done });
    });
  }

  async function guarded<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    if (!works) return undefined;
    try {
      return await work();
    } catch {
      broke();
      return undefined;
    }
  }

  /** From the log alone: what this tab has in memory may lack what another wrote. Of two tabs that fold at once, one does. */
  async function fold(): Promise<void> {
    if (folding) return;
    folding = true;
    grown = { entries: 0, bytes: 0 };
    await guarded(async () => {
      const stored = await log.read();
      const bytes = bytesOf(stored);
      const isLong = stored.entries.length > FOLD_ENTRIES || bytes > FOLD_BYTES;
      baseBytes = stored.base?.length ?? 0;
      if (!isLong || bytes < baseBytes) {
        grown = { entries: stored.entries.length, bytes };
        return;
      }
      const doc = new LoroDoc();
      // What waits for operations that are not here would be lost in a base.
      if (loadInto(doc, stored)) {
        const base = doc.export({ mode: 'snapshot' });
        const version = doc.oplogVersion();
        const has = version.toJSON();
        version.free();
        // Whose first edits are in the log is known from their entries alone, until an acknowledgement is noted.
        const starts = localStarts(stored.entries);
        await log.change((now) => ({ ...now, own: { ...Object.fromEntries(starts), ...now.own } }));
        if (await log.fold({ generation: stored.generation, base, last: stored.last })) {
          baseBytes = base.length;
          await log.change((now) => {
            const own = Object.entries(now.own).filter(([peer, acked]) =>
              [...has].some(([known, counter]) => known === peer && acked < counter),
            );
            return { ...now, own: Object.fromEntries(own) };
          });
        }
      }
      doc.free();
    });
    folding = false;
  }

  return {
    device,
    log,
    works: () => works,
    giveUp: broke,
    facts: () => facts,
    async read() {
      const stored = await log.read();
      const doc = new LoroDoc();
      loadInto(doc, stored);
      grown = { entries: stored.entries.length, bytes: bytesOf(stored) };
      baseBytes = stored.base?.length ?? 0;
      return { stored, doc, isEmpty: stored.base === undefined && stored.entries.length === 0 };
    },
    keep(entry) {
      const kept = add(entry);
      void flush();
      return kept;
    },
    keepSoon(entry) {
      const kept = add(entry);
      if (waitingBytes > REMOTE_LIMIT_BYTES) void flush();
      else timer ??= setTimeout(() => void flush(), REMOTE_DELAY_MS);
      return kept;
    },
    flush,
    async change(change) {
      facts = change(facts);
      await guarded(() => log.change(change));
    },
    async reset(next) {
      facts = next;
      await flush();
      await guarded(() => log.reset(next));
    },
    async close() {
      await flush();
      // Behind whoever waits for what was written.
      await Promise.resolve();
      log.channel.close();
      log.close();
    },
  };
}

function bytesOf({ entries }: Pick<StoredReplica, 'entries'>): number {
  return entries.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** False when something waits for operations that are not there. @throws when Loro cannot read it. */
export function loadInto(doc: LoroDoc, { base, entries }: Pick<StoredReplica, 'base' | 'entries'>): boolean {
  if (base) doc.import(base);
  let isWhole = true;
  let batch: Uint8Array[] = [];
  const importBatch = (): void => {
    if (batch.length > 0) isWhole = (doc.importBatch(batch).pending?.size ?? 0) === 0;
    batch = [];
  };
  for (const { bytes } of entries) {
    if (decodeImportBlobMeta(bytes, false).mode === 'update') {
      batch.push(bytes);
      continue;
    }
    // In one batch with updates, a shallow snapshot would leave everything waiting.
    importBatch();
    doc.import(bytes);
  }
  importBatch();
  return isWhole;
}
