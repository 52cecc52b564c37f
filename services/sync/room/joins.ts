// Joins of one room that are under way, from the request to what the host, or the log alone, answers. Who has nothing is one who
// has the shared snapshot already: it is sent that first.
import type { Actor } from '@hakiri/contracts/envelope';
import type { Random } from '@hakiri/substrate/random';
import type { JoinReply, Snapshot } from '../host/protocol.ts';
import { freshPeers } from '../socket/fresh-peers.ts';
import { hasNothing } from '../socket/join-payload.ts';
import type { JoinOutcome, JoinRequest, Peer } from '../socket/peer.ts';
import type { RoomHost } from './room-host.ts';
import { SharedSnapshot } from './shared-snapshot.ts';

export type JoinAnswer = Exclude<JoinReply, { kind: 'behind' }>;

export type JoinsOptions = {
  now(): number;
  random: Random;
  /** Takes the peer in, when the answer lets it. */
  admit(peer: Peer, request: JoinRequest, answer: JoinAnswer, snapshot: Snapshot | undefined): JoinOutcome;
};

type Joining = { peer: Peer; request: JoinRequest; settle(outcome: () => JoinOutcome): void };

export class Joins {
  readonly snapshot: SharedSnapshot;
  readonly #host: RoomHost;
  readonly #options: JoinsOptions;
  /** Of several of one socket only the last counts. */
  readonly #last = new Map<number, Joining>();

  constructor(host: RoomHost, options: JoinsOptions) {
    this.#host = host;
    this.#options = options;
    this.snapshot = new SharedSnapshot(
      (done, fail) => host.perform<'snapshot'>({ kind: 'snapshot', input: undefined }, done, fail),
      options.now,
    );
  }

  begin(peer: Peer, request: JoinRequest, decided: (outcome: JoinOutcome) => void): void {
    const joining: Joining = {
      peer,
      request,
      settle: (outcome) => {
        if (this.#isOver(joining)) return;
        this.#last.delete(peer.id);
        decided(outcome());
      },
    };
    this.#last.set(peer.id, joining);
    if (hasNothing(request.version)) this.#fresh(joining);
    else this.#ask(joining, undefined);
  }

  leave(peerId: number): void {
    this.#last.delete(peerId);
  }

  #isOver(joining: Joining): boolean {
    return this.#last.get(joining.peer.id) !== joining;
  }

  #fresh(joining: Joining): void {
    if (this.#isOver(joining)) return;
    this.snapshot.use((snapshot) => {
      if (snapshot instanceof Error) joining.settle(() => ({ kind: 'failed', error: snapshot }));
      else this.#ask(joining, snapshot);
    });
  }

  #ask(joining: Joining, snapshot: Snapshot | undefined): void {
    const { peer, request, settle } = joining;
    const { identity, permission, version, device, speaks } = request;
    const { admit, random } = this.#options;
    const isFresh = snapshot !== undefined;
    const input = {
      version: snapshot?.version ?? version,
      user: identity.user,
      connection: peer.id,
      atMs: this.#options.now(),
      device: device === undefined ? undefined : { id: device, fresh: freshPeers(random) },
      isFresh,
      isEditor: !isFresh && permission === 'write',
      speaks,
    };
    this.#host.perform<'join'>(
      { kind: 'join', input },
      (reply) => {
        // Also when nobody waits for the answer any more: the host gives the ids to the device's next join.
        this.#keepLeases(identity.user, reply);
        if (reply.kind === 'behind' && isFresh) this.snapshot.forget(snapshot);
        // What is in one that was dropped meanwhile may not be in the log.
        if (reply.kind === 'behind' || (isFresh && !this.snapshot.has(snapshot))) this.#fresh(joining);
        else settle(() => admit(peer, request, reply, snapshot));
      },
      (error) => settle(() => ({ kind: 'failed', error })),
    );
  }

  #keepLeases(user: string, reply: JoinReply): void {
    if (reply.kind !== 'joined') return;
    const actor: Actor = { kind: 'user', id: user };
    const receivedAtMs = this.#options.now();
    for (const note of reply.granted) this.#host.submit({ kind: 'lease', actor, receivedAtMs, note });
  }
}
