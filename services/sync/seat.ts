// One socket's place in one room: from the request to join, over the decision, to leaving. Edits that come while a join is
// decided wait for it, bounded; a member whose token ends leaves at once and has a moment to come back with a fresh one.
import type { Principal } from '@hakiri/authz/principal';
import { UPDATE_REQUIRED } from '@hakiri/contracts/join';
import type { Guard } from '@hakiri/service/guard';
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { Clock, Timer } from '@hakiri/substrate/clock';
import type { DocumentId } from '@hakiri/substrate/document-log';
import {
  CrdtType,
  type HexString,
  JoinErrorCode,
  type Permission,
  RoomErrorCode,
  UpdateStatusCode,
} from 'loro-protocol';
import { type Admission, type Admit, admit } from './admission.ts';
import type { SyncConfig } from './config.ts';
import type { Deadlines, Expiring } from './deadlines.ts';
import { DocumentStopped } from './document-errors.ts';
import type { Acquired, Documents, Hold, Holder } from './documents.ts';
import { type Address, ack, joinError, roomError } from './frames.ts';
import { gateWire, type JoinPayload } from './join-payload.ts';
import type { LiveDocument } from './live-document.ts';
import type { SyncMetrics } from './metrics.ts';
import type { JoinOutcome, Membership, Peer } from './peer.ts';

export type SeatDeps = {
  guard: Guard;
  /** An archived document is read, not edited, whoever comes. */
  isArchived(id: DocumentId): Promise<boolean>;
  documents: Documents;
  clock: Clock;
  /** When the tokens of members run out. */
  expiries: Deadlines;
  logger: Logger;
  metrics: Pick<SyncMetrics, 'joinRefused'>;
  config: SyncConfig;
};

export type SeatHooks = {
  /** The seat is empty: forget it. */
  onGone(seat: Seat): void;
  /** The whole socket has to go. */
  end(code: number, reason: string): void;
};

type Ticket = JoinPayload & { version: Uint8Array };
type Incoming = { updates: readonly Uint8Array[]; batchId: HexString; bytes: number };
type Place = { live: LiveDocument; membership: Membership; principal: Principal; permission: Permission };

export const CLOSE_SIGNED_OUT = 4401;
export const CLOSE_HARMFUL = 1008;
export const CLOSE_RESTART = 1012;
export const CLOSE_TRY_LATER = 1013;
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
  #held: Incoming[] | undefined;
  #heldBytes = 0;
  #timer: Timer | undefined;

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
    else if (this.#heldBytes + incoming.bytes > this.#deps.config.heldBytes)
      this.#answer(incoming, UpdateStatusCode.RateLimited);
    else {
      this.#held ??= [];
      this.#held.push(incoming);
      this.#heldBytes += incoming.bytes;
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
    this.#place?.membership.leave(this.#peer.id);
    this.#answerHeld(UpdateStatusCode.PermissionDenied);
    this.#hold?.release();
    void this.#acquiring?.then(
      (acquired) => acquired.kind === 'held' && acquired.hold.release(),
      () => {},
    );
    this.#hooks.onGone(this);
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

  onStopped(): void {
    this.#hooks.end(CLOSE_RESTART, 'document_restarts');
  }

  async #decide(attempt: number, ticket: Ticket): Promise<void> {
    const admission = await this.#inDocument(await admit(this.#deps.guard, ticket.token, this.#id.team));
    if (attempt !== this.#attempt) return;
    if (admission.kind === 'refused') {
      admission.record();
      // Not known to be wrong, only not known: to be tried again.
      const isKnown = admission.code !== 'unavailable';
      this.#turnAway(isKnown ? JoinErrorCode.AuthFailed : JoinErrorCode.AppError, admission.code);
      return;
    }
    if (gateWire(ticket.speaks) !== 'ok') return this.#turnAway(JoinErrorCode.AppError, UPDATE_REQUIRED);
    if (this.address.crdt === CrdtType.Loro && this.#deps.documents.isCooling(admission.principal.user))
      return this.#turnAway(JoinErrorCode.AppError, 'rate_limited');
    const acquired = await this.#acquire();
    if (attempt !== this.#attempt) return;
    if (acquired.kind === 'no_document') return this.#turnAway(JoinErrorCode.AppError, 'not_found');
    if (acquired.kind === 'unavailable') return this.#turnAway(JoinErrorCode.AppError, 'unavailable');
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
        for (const incoming of this.#takeHeld()) this.update(incoming);
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
    this.#peer.send(roomError(this.address, RoomErrorCode.Evicted, code));
    this.leave();
    if (code === 'unavailable') this.#hooks.end(CLOSE_TRY_LATER, code);
    else this.#hooks.end(CLOSE_SIGNED_OUT, code);
  }

  #turnAway(code: JoinErrorCode, message: string): void {
    this.#deps.metrics.joinRefused(message);
    this.#peer.send(joinError(this.address, code, message));
    this.leave();
  }

  #fail(error: unknown): void {
    if (!(error instanceof DocumentStopped))
      this.#deps.logger.error('seat_failed', { ...this.#id, ...errorFields(error) });
    if (this.#phase !== 'gone') this.#hooks.end(CLOSE_RESTART, 'document_restarts');
  }

  #roomOf(live: LiveDocument): Membership {
    if (this.address.crdt === CrdtType.Loro) return live.room;
    return this.address.crdt === CrdtType.LoroEphemeralStore ? live.presence : live.news;
  }

  #answerHeld(status: UpdateStatusCode): void {
    for (const incoming of this.#takeHeld()) this.#answer(incoming, status);
  }

  #takeHeld(): Incoming[] {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#heldBytes = 0;
    return held;
  }

  #answer({ batchId }: Incoming, status: UpdateStatusCode): void {
    this.#peer.send(ack(this.address, batchId, status));
  }
}
