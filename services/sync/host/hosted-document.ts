// A document in its host: the Loro document with what belongs to it and is read from the same log — who may write under which
// peer id, and who sent what. Performs commands one after the other; no I/O, no clock, no randomness.
import { schemaVersionOf } from '@hakiri/config-doc/schema';
import { gate } from '../socket/join-payload.ts';
import { claimUpdate, type UpdateClaim } from './claims.ts';
import { COLD_BASE_BYTES } from './cold-base.ts';
import type { ConflictWatch } from './conflict-watch.ts';
import { type Document, type DocumentLimits, SERVER_PEER } from './document.ts';
import type { Leases, Writer } from './leases.ts';
import { enterReceived, openLog, takenBy } from './log-state.ts';
import type { Ends, Input, JoinReply, Reply, UpdateReply } from './protocol.ts';
import { answerQuery } from './queries.ts';
import type { Receipts } from './receipts.ts';
import { type Member, mentionsSchema, Together } from './together.ts';
import type { Touched } from './touched.ts';
import { authorsOf } from './touched-page.ts';
import type { Held, ImportOutcome } from './update-check.ts';
import type { Header, Span } from './update-header.ts';
import { bytesOf, newReply } from './update-reply.ts';
import { warmUp } from './warm-up.ts';
import { writeStep } from './write-step.ts';

/** One of the updates that somebody sent together. */
type Sent = { update: Uint8Array; index: number; writer: Writer };

export class HostedDocument {
  readonly #document: Document;
  readonly #leases: Leases;
  readonly #receipts: Receipts;
  readonly #touched: Touched;
  readonly #conflicts: ConflictWatch;
  /** It was loaded, and the first concurrent update would take long. */
  #isCold: boolean;

  /** @throws RecordError, or what Loro throws at a damaged log. */
  static open(
    content: Input<'open'>,
    limits: DocumentLimits,
  ): { hosted: HostedDocument; reply: Reply<'open'> } {
    const state = openLog(content, limits);
    const { document, notes, history, begunMs } = state;
    const update = document.migrate();
    const { counters } = document;
    const isCold = (content.base?.length ?? 0) > COLD_BASE_BYTES;
    return {
      hosted: new HostedDocument(state, isCold),
      reply: {
        ...notes.reply(),
        isConcurrent: state.conflicts.isDue,
        isCold,
        isTouched: !state.touched.isEmpty,
        update,
        counters,
        history,
        begunMs,
      },
    };
  }

  private constructor(
    { document, conflicts, leases, receipts, touched }: ReturnType<typeof openLog>,
    isCold: boolean,
  ) {
    this.#isCold = isCold;
    this.#document = document;
    this.#leases = leases;
    this.#receipts = receipts;
    this.#touched = touched;
    this.#conflicts = conflicts;
  }

  get document(): Document {
    return this.#document;
  }

  /** What was received goes on record when it is logged; until then a crash takes both. */
  update({ updates, user, connection, atMs }: Input<'update'>): UpdateReply {
    const reply = newReply();
    for (const [index, update] of updates.entries()) {
      this.#take({ update, index, writer: { user, connection, atMs } }, reply);
      if (reply.refusal !== undefined) break;
    }
    if (reply.news.some((one) => mentionsSchema(bytesOf(one, updates)))) this.#heal(atMs, reply);
    reply.isSpoilt = this.#document.isSpoilt;
    return reply;
  }

  /** Each is answered as by `update`, one after the other. @throws HalfTaken */
  updateTogether(inputs: readonly Input<'update'>[]): UpdateReply[] {
    const replies: UpdateReply[] = [];
    let together = new Together();
    const take = (): void => {
      replies.push(...this.#takeTogether(together.members));
      together = new Together();
    };
    for (const input of inputs) {
      let member = this.#memberOf(input, together);
      if (member === undefined || !together.fits(member)) {
        take();
        // Perhaps it goes on from those before it.
        member = this.#memberOf(input, together);
      }
      if (member === undefined) replies.push(this.update(input));
      else together.add(member);
    }
    take();
    return replies;
  }

  join({ version, device, isFresh, isEditor, speaks, ...writer }: Input<'join'>): JoinReply {
    const written = schemaVersionOf(this.#document.loro) ?? 0;
    if (gate(speaks, written) !== 'ok') return { kind: 'update_required' };
    // Who has the document may have edits to send; who has nothing reads first.
    if (isEditor) this.warmUp();
    const catchUp = this.#document.catchUp(version, isFresh);
    const here = this.#document.encodedVersion();
    if (catchUp.kind === 'version_unknown') return { kind: 'version_unknown', version: here };
    if (catchUp.kind === 'history_compacted' || catchUp.kind === 'behind') return { kind: catchUp.kind };
    const ahead =
      device === undefined ? { peers: [], granted: [] } : this.#leases.ahead(writer, device.id, device.fresh);
    const updates = catchUp.kind === 'delta' ? [catchUp.update] : [];
    return { kind: 'joined', updates, version: here, isCold: this.#isCold, ...ahead };
  }

  snapshot(): Reply<'snapshot'> {
    return { bytes: this.#document.snapshot(), version: this.#document.encodedVersion() };
  }

  grant({ leases }: Input<'grant'>): undefined {
    for (const lease of leases) this.#leases.grant(lease);
  }

  warmUp(): undefined {
    if (!this.#isCold) return;
    this.#isCold = false;
    warmUp(this.#document.loro);
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

  /** So that the history up to here can be compacted. */
  seal({ atMs }: Input<'seal'>): Reply<'seal'> {
    const start = this.#document.counters.get(SERVER_PEER) ?? 0;
    const update = this.#document.seal();
    if (update === undefined) return { update, ends: [] };
    const spans = [{ peer: SERVER_PEER, start, end: this.#document.counters.get(SERVER_PEER) ?? 0 }];
    this.#received(spans, 'sync', atMs);
    return { update, ends: this.#endsOf(spans) };
  }

  look({ atMs }: Input<'look'>): Reply<'look'> {
    return this.#conflicts.look(this.#receipts, atMs);
  }

  query(query: Input<'query'>): Reply<'query'> {
    return {
      value: answerQuery(
        { document: this.#document, receipts: this.#receipts, touched: this.#touched },
        query,
      ),
      version: this.#document.version(),
    };
  }

  lookAtTouched(): Reply<'touched'> {
    const news = this.#touched.look(this.#document.loro);
    const users = news.cosmetic === 'none' ? [] : authorsOf(this.#touched, this.#receipts);
    return { ...news, users, version: this.#document.version() };
  }

  applied(note: Input<'applied'>): undefined {
    this.#touched.applied(this.#document.loro, takenBy(note));
  }

  settle(settled: Input<'settle'>): undefined {
    this.#touched.settled(settled);
  }

  free(): void {
    this.#document.free();
  }

  /** Undefined when it may be refused, is the first of its peer, or needs an answer: it is taken by itself. */
  #memberOf(input: Input<'update'>, before: Together): Member | undefined {
    const [update, ...more] = input.updates;
    if (update === undefined || more.length > 0 || mentionsSchema(update)) return undefined;
    const held = before.heldWith(this.#document.counters);
    const scan = this.#document.intake.scan(update, held);
    const claim = scan === undefined ? undefined : this.#claim(scan, input, held);
    const isPlain = claim?.kind === 'claimed' && !claim.isFirst;
    return scan !== undefined && isPlain ? { update, scan, claim, input } : undefined;
  }

  #takeTogether(members: readonly Member[]): UpdateReply[] {
    const taken = members.length > 1 ? this.#document.intake.importTogether(members) : undefined;
    return members.map(({ update, claim, input }, index) => {
      const one = taken?.[index];
      if (one === undefined) return this.update(input);
      const reply = newReply();
      this.#settle(one.outcome, claim, { update, index: 0, writer: input }, reply);
      reply.isSpoilt = one.isSpoilt;
      return reply;
    });
  }

  #claim(header: Header, writer: Writer, counters: Held = this.#document.counters): UpdateClaim {
    return claimUpdate(header, writer, { counters, leases: this.#leases });
  }

  #take(sent: Sent, reply: UpdateReply): void {
    let claim: UpdateClaim | undefined;
    const outcome = this.#document.intake.import(sent.update, (header) => {
      claim = this.#claim(header, sent.writer);
      return claim.kind === 'refused' ? claim.reason : undefined;
    });
    this.#settle(outcome, claim, sent, reply);
  }

  /** `claim`: undefined when it did not come to that. */
  #settle(outcome: ImportOutcome, claim: UpdateClaim | undefined, sent: Sent, reply: UpdateReply): void {
    const written = claim?.kind === 'claimed' ? claim.peers : [];
    if (claim?.kind === 'claimed') reply.isFirstOfPeer ||= claim.isFirst;
    switch (outcome.kind) {
      case 'applied':
        for (const peer of written) this.#leases.take(peer, sent.writer);
        this.#publish(outcome, sent, reply);
        reply.isConcurrent = this.#conflicts.saw(outcome.spans) || reply.isConcurrent;
        if (outcome.missing) reply.refusal = 'missing';
        break;
      case 'missing':
        // Loro may keep it until what it lacks comes; whose it is has to be known then.
        for (const peer of written) this.#leases.take(peer, sent.writer);
        reply.refusal = 'missing';
        break;
      case 'broken':
        reply.refusal = 'broken';
        reply.broken = { index: sent.index, error: String(outcome.error) };
        break;
      case 'refused':
        reply.refusal = outcome.reason;
        if (claim?.kind === 'refused') reply.awaited = claim.awaited;
    }
  }

  /** What others sent before and this update set free is theirs, in the log too. */
  #publish(
    { update, spans }: { update: Uint8Array; spans: Span[] },
    { update: sent, index, writer: { user, atMs } }: Sent,
    reply: UpdateReply,
  ): void {
    const byUser = Map.groupBy(spans, ({ peer }) => this.#leases.of(peer)?.user ?? user);
    for (const [owner, owned] of byUser) {
      const bytes = byUser.size === 1 ? update : this.#document.intake.exportSpans(owned);
      reply.news.push({ update: bytes === sent ? index : bytes, user: owner });
      this.#received(owned, owner, atMs);
    }
    // Whose an id is may be known here alone, as of one whose operations waited until now; by then it is nobody's first claim.
    reply.isFirstOfPeer ||= spans.some(({ start }) => start === 0);
    reply.ends = [...reply.ends, ...this.#endsOf(spans)];
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

  #received(spans: readonly Span[], user: string, atMs: number): void {
    const state = { leases: this.#leases, receipts: this.#receipts, touched: this.#touched };
    enterReceived(state, spans, user, atMs);
  }

  #endsOf(spans: readonly Span[]): Ends {
    return spans.map(({ peer, end }) => [peer, end] as const);
  }
}
