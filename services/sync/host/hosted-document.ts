// A document in its host: the Loro document with what belongs to it and is read from the same log — who may write under which
// peer id, and who sent what. Performs commands one after the other; no I/O, no clock, no randomness.
import { ConflictTracker } from '@hakiri/config-doc/conflicts';
import { schemaVersionOf } from '@hakiri/config-doc/schema';
import type { PeerID } from 'loro-crdt';
import { type Base, decodeBase, encodeBase } from '../base.ts';
import { gate } from '../join-payload.ts';
import { decodeRecord, type LogRecord } from '../record.ts';
import { writeStep } from '../server-edit.ts';
import { Document, type DocumentLimits, type ImportRefusal, SERVER_PEER } from './document.ts';
import { Leases, type Writer } from './leases.ts';
import { LogNotes } from './log-notes.ts';
import type { Ends, Input, JoinReply, Reply, UpdateReply } from './protocol.ts';
import { answerQuery } from './queries.ts';
import { Receipts } from './receipts.ts';
import { type Header, readHeader, type Span, spansIn } from './update-header.ts';

export class HostedDocument {
  readonly #document: Document;
  readonly #leases = new Leases();
  readonly #receipts = new Receipts();
  readonly #conflicts: ConflictTracker;
  /** Counts the snapshots that were made, so that one is sent to the main thread once. */
  #snapshots = { last: undefined as Uint8Array | undefined, number: 0 };

  /** @throws RecordError, or what Loro throws at a damaged log. */
  static open(
    { base, entries }: Input<'open'>,
    limits: DocumentLimits,
  ): { hosted: HostedDocument; reply: Reply<'open'> } {
    const held: Partial<Base> = base === undefined ? {} : decodeBase(base);
    const records = entries.map(decodeRecord);
    const updates = records.flatMap((record) => (record.kind === 'update' ? [record.update] : []));
    const document = Document.load(held.snapshot, updates, limits);
    const hosted = new HostedDocument(document);
    for (const lease of held.leases ?? []) hosted.#leases.grant(lease);
    for (const receipt of held.receipts ?? []) hosted.#receipts.add(receipt);
    const notes = new LogNotes(held);
    for (const record of records) {
      notes.add(record);
      if (record.kind === 'lease') hosted.#leases.grant(record.note);
      if (record.kind === 'update') hosted.#logged(record);
    }
    const update = document.migrate();
    return { hosted, reply: { ...notes.reply(), update, counters: document.counters } };
  }

  private constructor(document: Document) {
    this.#document = document;
    this.#conflicts = new ConflictTracker(document.loro);
  }

  get document(): Document {
    return this.#document;
  }

  /** What was received goes on record when it is logged; until then a crash takes both. */
  update({ updates, user, connection, atMs }: Input<'update'>): UpdateReply {
    const reply: UpdateReply = {
      news: [],
      refusal: undefined,
      broken: undefined,
      isFirstOfPeer: false,
      awaited: [],
      isSpoilt: false,
      ends: [],
      notices: [],
      undetected: undefined,
      healed: undefined,
    };
    const writer = { user, connection };
    const imported: Span[] = [];
    for (const [index, update] of updates.entries()) {
      this.#take(update, index, writer, atMs, reply, imported);
      if (reply.refusal !== undefined) break;
    }
    if (imported.length > 0) {
      this.#detect(imported, atMs, reply);
      this.#heal(atMs, reply);
    }
    reply.isSpoilt = this.#document.isSpoilt;
    return reply;
  }

  join({ version, user, connection, device, snapshot, speaks }: Input<'join'>): JoinReply {
    const written = schemaVersionOf(this.#document.loro) ?? 0;
    if (gate(speaks, written) !== 'ok') return { kind: 'update_required' };
    const catchUp = this.#document.catchUp(version);
    const here = this.#document.encodedVersion();
    if (catchUp.kind === 'version_unknown') return { kind: 'version_unknown', version: here };
    const ahead =
      device === undefined
        ? { peers: [], granted: [] }
        : this.#leases.ahead({ user, connection }, device.id, device.fresh);
    const joined = { kind: 'joined' as const, catchUp: catchUp.kind, version: here, ...ahead };
    if (catchUp.kind === 'current') return { ...joined, update: undefined, snapshot: undefined };
    if (catchUp.kind === 'delta') return { ...joined, update: catchUp.update, snapshot: undefined };
    const number = this.#numberOf(catchUp.update);
    return { ...joined, snapshot: number, update: number === snapshot ? undefined : catchUp.update };
  }

  left({ connection }: Input<'left'>): undefined {
    this.#leases.release(connection);
  }

  edit({ steps, actor, atMs }: Input<'edit'>): Reply<'edit'> {
    const before = new Map(this.#document.counters);
    const updates: Uint8Array[] = [];
    let changed = 0;
    for (const step of steps) {
      const written = writeStep(this.#document, step);
      changed += written.changed;
      if (written.update !== undefined) updates.push(written.update);
    }
    const spans: Span[] = [...this.#document.counters]
      .map(([peer, end]) => ({ peer, start: before.get(peer) ?? 0, end }))
      .filter(({ start, end }) => end > start);
    this.#received(spans, actor.id, atMs);
    const version = this.#document.version();
    return { reply: { kind: 'done', version, changed }, updates, ends: this.#endsOf(spans) };
  }

  base({ applied, notices }: Input<'base'>): Reply<'base'> {
    const base = encodeBase({
      snapshot: this.#document.snapshot(),
      leases: [...this.#leases.all()],
      receipts: [...this.#receipts.all()],
      notices: [...notices],
      ...(applied === undefined ? {} : { applied }),
    });
    return { base };
  }

  query(query: Input<'query'>): Reply<'query'> {
    return {
      value: answerQuery({ document: this.#document, receipts: this.#receipts }, query),
      version: this.#document.version(),
    };
  }

  free(): void {
    this.#document.free();
  }

  #take(
    update: Uint8Array,
    index: number,
    writer: Writer,
    atMs: number,
    reply: UpdateReply,
    imported: Span[],
  ): void {
    const written: PeerID[] = [];
    const outcome = this.#document.import(update, (header) => {
      const claimed = this.#claim(header, writer);
      if (claimed.kind === 'refused') {
        reply.awaited = claimed.awaited;
        return claimed.reason;
      }
      written.push(...claimed.peers);
      reply.isFirstOfPeer ||= claimed.isFirst;
      return undefined;
    });
    switch (outcome.kind) {
      case 'applied':
        for (const peer of written) this.#leases.take(peer, writer);
        this.#publish(outcome, index, update, writer, atMs, reply);
        imported.push(...outcome.spans);
        if (outcome.missing) reply.refusal = 'missing';
        break;
      case 'missing':
        // Loro may keep it until what it lacks comes; whose it is has to be known then.
        for (const peer of written) this.#leases.take(peer, writer);
        reply.refusal = 'missing';
        break;
      case 'broken':
        reply.refusal = 'broken';
        reply.broken = { index, error: String(outcome.error) };
        break;
      case 'refused':
        reply.refusal = outcome.reason;
    }
  }

  /** What others sent before and this update set free is theirs, in the log too. */
  #publish(
    { update, spans }: { update: Uint8Array; spans: Span[] },
    index: number,
    sent: Uint8Array,
    { user }: Writer,
    atMs: number,
    reply: UpdateReply,
  ): void {
    const byUser = Map.groupBy(spans, ({ peer }) => this.#leases.of(peer)?.user ?? user);
    for (const [owner, owned] of byUser) {
      const bytes = byUser.size === 1 ? update : this.#document.exportSpans(owned);
      reply.news.push({ update: bytes === sent ? index : bytes, user: owner });
      this.#received(owned, owner, atMs);
    }
    reply.isFirstOfPeer ||= byUser.size > 1;
    reply.ends = [...reply.ends, ...this.#endsOf(spans)];
  }

  /** Only tells: whatever goes wrong here, the edit stands. */
  #detect(imported: readonly Span[], atMs: number, reply: UpdateReply): void {
    const authorOf = (peer: PeerID, counter: number) => this.#receipts.of(peer, counter);
    try {
      const found = this.#conflicts.detect(joinSpans(imported), { authorOf, nowMs: atMs });
      if (found.kind === 'found') reply.notices = found.notices;
      else reply.undetected = 'beyond';
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) throw error;
      reply.undetected = 'failed';
    }
  }

  #heal(atMs: number, reply: UpdateReply): void {
    const start = this.#document.counters.get(SERVER_PEER) ?? 0;
    reply.healed = this.#document.healSchemaVersion();
    if (reply.healed === undefined) return;
    const end = this.#document.counters.get(SERVER_PEER) ?? 0;
    const spans = [{ peer: SERVER_PEER, start, end }];
    this.#received(spans, 'sync', atMs);
    reply.ends = [...reply.ends, ...this.#endsOf(spans)];
  }

  /** Every peer that the update brings something new of has to be the writer's; one of them may be nobody's yet. */
  #claim(
    { starts, ends }: Header,
    writer: Writer,
  ):
    | { kind: 'claimed'; peers: PeerID[]; isFirst: boolean }
    | { kind: 'refused'; reason: ImportRefusal; awaited: PeerID[] } {
    const peers: PeerID[] = [];
    const awaited: PeerID[] = [];
    let reason: ImportRefusal | undefined;
    let fresh = 0;
    for (const [peer, end] of ends) {
      const held = this.#document.counters.get(peer) ?? 0;
      if (end <= held) continue;
      const claim = this.#leases.claim(peer, writer, (starts.get(peer) ?? 0) === held);
      if (claim.kind === 'refused') {
        reason ??= claim.reason;
        if (claim.reason !== 'too_many_peers') awaited.push(peer);
      } else if (claim.kind === 'new') fresh += 1;
      peers.push(peer);
    }
    // Several at once are not one client's own: it holds what others wrote, and whose that was nobody could say.
    if (fresh > 1) reason ??= 'peer_not_yours';
    return reason === undefined
      ? { kind: 'claimed', peers, isFirst: fresh > 0 }
      : { kind: 'refused', reason, awaited };
  }

  #logged({ update, actor, receivedAtMs }: Extract<LogRecord, { kind: 'update' }>): void {
    const header = readHeader(update);
    if (header !== undefined) this.#received(spansIn(header), actor.id, receivedAtMs);
  }

  #received(spans: readonly Span[], user: string, atMs: number): void {
    for (const span of spans) {
      this.#leases.grant({ peer: span.peer, user });
      this.#receipts.add({ ...span, user, atMs });
    }
  }

  #endsOf(spans: readonly Span[]): Ends {
    return spans.map(({ peer, end }) => [peer, end] as const);
  }

  #numberOf(snapshot: Uint8Array): number {
    if (this.#snapshots.last !== snapshot)
      this.#snapshots = { last: snapshot, number: this.#snapshots.number + 1 };
    return this.#snapshots.number;
  }
}

/** What one peer sent piece by piece is one piece. */
function joinSpans(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last !== undefined && last.peer === span.peer && last.end === span.start) last.end = span.end;
    else joined.push({ ...span });
  }
  return joined;
}
