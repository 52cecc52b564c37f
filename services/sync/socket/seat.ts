// One socket's place in one room: from the request to join, over the decision, to leaving. Edits that come while a join is
// decided wait for it, bounded; a member whose token ends leaves at once and has a moment to come back with a fresh one.
import type { Principal } from '@hakiri/authz/principal';
import { UPDATE_REQUIRED } from '@hakiri/contracts/join';
import { errorFields } from '@hakiri/service/logger';
import type { Timer } from '@hakiri/substrate/clock';
import type { DocumentId } from '@hakiri/substrate/document-log';
import { CrdtType, JoinErrorCode, type Permission, RoomErrorCode, UpdateStatusCode } from 'loro-protocol';
import { DocumentStopped, type PassingCause } from '../document/document-errors.ts';
import type { Acquired, Hold, Holder } from '../document/documents.ts';
import type { LiveDocument } from '../document/live-document.ts';
import { type Admission, type Admit, admit } from './admission.ts';
import { CLOSE_HARMFUL, CLOSE_RESTART, CLOSE_SIGNED_OUT, CLOSE_TRY_LATER } from './close-codes.ts';
import type { Expiring } from './deadlines.ts';
import { type Address, ack, joinError, roomError } from './frames.ts';
import { HeldEdits, type Incoming } from './held-edits.ts';
import { gateWire, hasNothing, type JoinPayload } from './join-payload.ts';
import type { JoinOutcome, Membership, Peer } from './peer.ts';
import type { SeatDeps, SeatHooks } from './seat-deps.ts';

type Ticket = JoinPayload & { version: Uint8Array };
type Place = { live: LiveDocument; membership: Membership; principal: Principal; permission: Permission };

const NOTHING = new Uint8Array();

export class Seat implements Holder, Expiring {
  readonly #deps: SeatDeps;
  readonly #hooks: SeatHooks;
  readonly #peer: Peer;
  readonly address: Address;
  readonly #id: DocumentId;
  /** `waiting`: out of the room, expected back. */
  #phase: 'deciding' | 'joined' | 'waiting' | 'gone' = 'waiting';
  /** Of several joins under way only the last counts. */
  #attempt = 0;
  #ticket: Ticket | undefined;
  #place: Place | undefined;
  #acquiring: Promise<Acquired> | undefined;
  #hold: Hold | undefined;
  /** Most sockets never need them. */
  #held: HeldEdits | undefined;
  #timer: Timer | undefined;
  /** Until then a join is tried again. */
  #patientUntilMs = 0;

  constructor(peer: Peer, address: Address, id: DocumentId, deps: SeatDeps, hooks: SeatHooks) {
    this.#peer = peer;
    this.address = address;
    this.#id = id;
    this.#deps = deps;
    this.#hooks = hooks;
  }

  get expiresAtMs(): number {
    return this.#place?.principal.expiresAtMs ?? Number.POSITIVE_INFINITY;
  }

  get team(): string {
    return this.#id.team;
  }

  /** Again by a member: with a fresh token, or because it missed something. */
  join(ticket: Ticket): void {
    this.#attempt += 1;
    this.#phase = 'deciding';
    this.#ticket = ticket;
    this.#timer?.cancel();
    this.#deps.expiries.delete(this);
    this.#patientUntilMs = this.#deps.clock.monotonic() + this.#deps.config.passing.patienceMs;
    this.#decide(this.#attempt, ticket).catch((error) => this.#fail(error));
  }

  /** What may be answered before the updates are read. */
  refusalOf(): UpdateStatusCode | undefined {
    const mayNotWrite = this.#phase === 'joined' && this.#place?.permission === 'read';
    return mayNotWrite && this.address.crdt === CrdtType.Loro ? UpdateStatusCode.PermissionDenied : undefined;
  }

  update(incoming: Incoming): void {
    const place = this.#place;
    if (this.#phase === 'joined' && place !== undefined)
      place.membership.update(this.#peer, incoming.updates, incoming.batchId);
    else {
      this.#held ??= new HeldEdits(this.#deps.config.heldBytes);
      if (!this.#held.hold(incoming)) this.#answer(incoming, UpdateStatusCode.RateLimited);
    }
  }

  fallBehind(): void {
    if (this.#phase === 'joined') this.#place?.membership.fallBehind(this.#peer.id);
  }

  leave(): void {
    if (this.#phase === 'gone') return;
    this.#phase = 'gone';
    this.#attempt += 1;
    this.#timer?.cancel();
    this.#deps.expiries.delete(this);
    this.#letGo();
    for (const incoming of this.#held?.take() ?? [])
      this.#answer(incoming, UpdateStatusCode.PermissionDenied);
    void this.#acquiring?.then(
      (acquired) => acquired.kind === 'held' && acquired.hold.release(),
      () => {},
    );
    this.#hooks.onGone(this.address);
  }

  /** Some token was revoked, or some role changed: asks again with the token that this seat was taken with. */
  async reauthorize(ask: Admit): Promise<void> {
    const [attempt, ticket, place] = [this.#attempt, this.#ticket, this.#place];
    // Out of the room, expected back with a fresh token: the old one says nothing any more.
    if (this.#phase === 'waiting') return;
    // A join under way may have been decided by what was known before.
    if (ticket !== undefined && this.#phase === 'deciding') this.join(ticket);
    if (ticket === undefined || place === undefined || this.#phase !== 'joined') return;
    const admission = await this.#inDocument(await ask(ticket.token, this.#id.team));
    if (attempt !== this.#attempt || this.#phase !== 'joined') return;
    if (admission.kind === 'refused' && admission.code === 'token_expired') this.expire();
    else if (admission.kind === 'refused') this.#signOut(admission.code);
    else if (admission.permission !== place.permission) this.#repermit(place, admission.permission);
  }

  onHarmful(peer: Peer): void {
    if (peer !== this.#peer) return;
    this.#peer.send(roomError(this.address, RoomErrorCode.Evicted, 'update_harmful'));
    this.#hooks.end(CLOSE_HARMFUL, 'update_harmful');
  }

  onStopped(cause: PassingCause): void {
    if (this.#phase === 'deciding') this.#tryLater(cause);
    else if (cause === 'storage_full') this.#hooks.end(CLOSE_TRY_LATER, cause);
    else this.#hooks.end(CLOSE_RESTART, 'document_restarts');
  }

  async #decide(attempt: number, ticket: Ticket): Promise<void> {
    const admission = await this.#inDocument(await admit(this.#deps.guard, ticket.token, this.#id.team));
    if (attempt !== this.#attempt) return;
    if (admission.kind === 'refused') {
      // Not known to be wrong, only not known.
      if (admission.code === 'unavailable') return this.#tryLater('unavailable');
      admission.record();
      return this.#turnAway(JoinErrorCode.AuthFailed, admission.code);
    }
    if (gateWire(ticket.speaks) !== 'ok') return this.#turnAway(JoinErrorCode.AppError, UPDATE_REQUIRED);
    if (this.address.crdt === CrdtType.Loro && this.#deps.documents.isCooling(admission.principal.user))
      return this.#turnAway(JoinErrorCode.AppError, 'rate_limited');
    const acquired = await this.#acquire();
    if (attempt !== this.#attempt) return;
    if (acquired.kind === 'no_document') return this.#turnAway(JoinErrorCode.AppError, 'not_found');
    if (acquired.kind === 'unavailable' || acquired.kind === 'storage_full')
      return this.#tryLater(acquired.kind);
    if (acquired.kind === 'stopping') return this.#hooks.end(CLOSE_RESTART, 'server_restarts');
    const { live } = acquired.hold;
    const { principal, permission } = admission;
    const place = { live, membership: this.#roomOf(live), principal, permission };
    const request = {
      identity: principal,
      permission,
      version: ticket.version,
      device: ticket.device,
      speaks: ticket.speaks,
    };
    this.#place = place;
    place.membership.join(this.#peer, request, (outcome) => {
      if (attempt === this.#attempt) this.#enter(outcome);
    });
  }

  async #acquire(): Promise<Acquired> {
    if (this.#hold !== undefined) return { kind: 'held', hold: this.#hold };
    this.#acquiring ??= this.#deps.documents.acquire(this.#id, this);
    const acquired = await this.#acquiring;
    // Who left meanwhile has given it back.
    if (acquired.kind === 'held' && this.#phase !== 'gone') this.#hold = acquired.hold;
    this.#acquiring = undefined;
    return acquired;
  }

  #enter(outcome: JoinOutcome): void {
    switch (outcome.kind) {
      case 'failed':
        this.#fail(outcome.error);
        break;
      case 'update_required':
      case 'history_compacted':
        this.#turnAway(JoinErrorCode.AppError, outcome.kind);
        break;
      case 'version_unknown':
        this.#peer.send(
          joinError(this.address, JoinErrorCode.VersionUnknown, 'version_unknown', outcome.receiverVersion),
        );
        this.#awaitReturn('version_unknown');
        break;
      case 'joined':
        this.#phase = 'joined';
        // It may be a view of the whole frame; only the token is asked about again.
        if (this.#ticket !== undefined) this.#ticket.version = NOTHING;
        this.#deps.expiries.add(this);
        for (const incoming of this.#held?.take() ?? []) this.update(incoming);
    }
  }

  expire(): void {
    this.#deps.expiries.delete(this);
    this.#place?.membership.leave(this.#peer.id);
    this.#peer.send(roomError(this.address, RoomErrorCode.RejoinSuggested, 'token_expired'));
    this.#awaitReturn('token_expired');
  }

  #awaitReturn(reason: string): void {
    this.#phase = 'waiting';
    this.#timer = this.#deps.clock.after(this.#deps.config.rejoinMs, () => {
      this.#peer.send(roomError(this.address, RoomErrorCode.Evicted, reason));
      this.leave();
    });
  }

  async #inDocument(admission: Admission): Promise<Admission> {
    if (admission.kind === 'refused' || admission.permission === 'read') return admission;
    return (await this.#deps.isArchived(this.#id)) ? { ...admission, permission: 'read' } : admission;
  }

  #repermit(place: Place, permission: Permission): void {
    place.permission = permission;
    // Who may read may be present, whatever else they may.
    if (this.address.crdt !== CrdtType.Loro) return;
    place.membership.permit(this.#peer.id, permission);
    this.#peer.send(roomError(this.address, RoomErrorCode.RejoinSuggested, 'permission_changed'));
  }

  #signOut(code: string): void {
    // Who is told that the room is over does not come back.
    const isOver = code !== 'unavailable';
    if (isOver) this.#peer.send(roomError(this.address, RoomErrorCode.Evicted, code));
    this.leave();
    this.#hooks.end(isOver ? CLOSE_SIGNED_OUT : CLOSE_TRY_LATER, code);
  }

  /** What is in the way passes. Whoever may not stay meanwhile is out of the room, and holds nothing. */
  #tryLater(code: PassingCause): void {
    const { clock, config } = this.#deps;
    const ticket = this.#ticket;
    this.#attempt += 1;
    this.#letGo();
    this.#timer?.cancel();
    if (ticket === undefined || clock.monotonic() >= this.#patientUntilMs) this.#giveUp(code);
    else {
      const attempt = this.#attempt;
      this.#timer = clock.after(config.passing.retryMs, () => {
        this.#decide(attempt, ticket).catch((error) => this.#fail(error));
      });
    }
  }

  /** Of a later join stock clients take a refusal for the end, and come back by themselves when the socket closes. */
  #giveUp(code: PassingCause): void {
    const isFirst = this.address.crdt === CrdtType.Loro && hasNothing(this.#ticket?.version ?? NOTHING);
    if (isFirst) this.#turnAway(JoinErrorCode.AppError, code);
    else {
      this.#deps.metrics.joinRefused(code);
      this.#hooks.end(CLOSE_TRY_LATER, code);
    }
  }

  #letGo(): void {
    this.#place?.membership.leave(this.#peer.id);
    this.#place = undefined;
    this.#hold?.release();
    this.#hold = undefined;
  }

  #turnAway(code: JoinErrorCode, message: string): void {
    this.#deps.metrics.joinRefused(message);
    this.#peer.send(joinError(this.address, code, message));
    this.leave();
  }

  #fail(error: unknown): void {
    if (!(error instanceof DocumentStopped))
      this.#deps.logger.error('seat_failed', { ...this.#id, ...errorFields(error) });
    if (this.#phase === 'deciding' && error instanceof DocumentStopped) {
      const attempt = this.#attempt;
      // In this turn the document says why it stopped.
      queueMicrotask(() => attempt === this.#attempt && this.#tryLater('unavailable'));
    } else if (this.#phase !== 'gone') this.#hooks.end(CLOSE_RESTART, 'document_restarts');
  }

  #roomOf(live: LiveDocument): Membership {
    if (this.address.crdt === CrdtType.Loro) return live.room;
    return this.address.crdt === CrdtType.LoroEphemeralStore ? live.presence : live.news;
  }

  #answer({ batchId }: Incoming, status: UpdateStatusCode): void {
    this.#peer.send(ack(this.address, batchId, status));
  }
}
