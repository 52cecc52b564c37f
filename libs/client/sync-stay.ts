// Staying in a room whatever the connection does: enters, and enters again with growing, jittered pauses, at once when the
// browser says that the network is back.
import { assert } from '@hakiri/base/assert';
import { utf8 } from '@hakiri/base/bytes';
import { SCHEMA_VERSION, SCHEMA_VERSION_MIN } from '@hakiri/config-doc/shape';
import { type JoinPayload, LORO_RANGE, PROTOCOL_RANGE } from '@hakiri/contracts/join';
import { ApiProblem, JoinRefused, Unreachable } from './errors.ts';
import type { TokenSource } from './http.ts';
import { openRoom, PASSING_ENDS, type Room, type RoomOptions } from './sync-room.ts';
import { backoffMs, pauseUntilWoken } from './wait.ts';

/** What to do about an error at entering, or an end. `afterMs`: not sooner. */
export type Verdict = { kind: 'again'; afterMs?: number | undefined } | { kind: 'stop' };

/** A room that lasted so long begins counting attempts anew: one that always breaks at once is not hammered. */
const LASTING_MS = 5_000;

export function stayInRoom(
  options: Omit<RoomOptions, 'payload' | 'doc'> & {
    tokens: TokenSource;
    device: string | undefined;
    /** The current one: it may be replaced between two lives. */
    doc: () => RoomOptions['doc'];
    entered(room: Room): void;
    ended(reason: string): Verdict;
    /** Never throws. */
    failed(error: unknown): Promise<Verdict>;
  },
) {
  const { tokens, device, entered, ended, failed } = options;
  let leaving = new AbortController();
  let room: Room | undefined;

  async function payload(): Promise<Uint8Array> {
    const token = (await tokens.token()) ?? '';
    const speaks = {
      protocol: PROTOCOL_RANGE,
      loro: LORO_RANGE,
      schema: [SCHEMA_VERSION_MIN, SCHEMA_VERSION] satisfies [number, number],
    };
    const said: JoinPayload = { token, speaks, ...(device === undefined ? {} : { device }) };
    return utf8(JSON.stringify(said));
  }

  async function enter(): Promise<Room> {
    const token = await tokens.token();
    const attempt = (): Promise<Room> => openRoom({ ...options, doc: options.doc(), payload });
    try {
      return await attempt();
    } catch (error) {
      const expired = error instanceof JoinRefused && error.code === 'token_expired' && token !== undefined;
      if (!expired || (await tokens.renew(token)) === undefined) throw error;
      return attempt();
    }
  }

  async function live(): Promise<void> {
    leaving = new AbortController();
    const { signal } = leaving;
    for (let attempt = 0; !signal.aborted; attempt++) {
      let verdict: Verdict;
      try {
        room = await enter();
        if (signal.aborted) return room.leave();
        entered(room);
        const since = performance.now();
        verdict = ended(await room.ended);
        if (performance.now() - since > LASTING_MS) attempt = 0;
      } catch (error) {
        if (signal.aborted) return;
        verdict = await failed(error);
      }
      if (verdict.kind === 'stop') return;
      await pauseUntilWoken(Math.max(backoffMs(attempt), verdict.afterMs ?? 0), signal);
    }
  }

  let running: Promise<void> | undefined;
  return {
    /** Returns when it was left, or when a verdict said so; then it may run again. */
    run(): Promise<void> {
      assert(running === undefined, 'of two lives leaving would end one');
      running = live().finally(() => {
        running = undefined;
      });
      return running;
    },
    /** Resolves when it does not run any more. */
    leave(): Promise<void> {
      leaving.abort();
      room?.leave();
      return running ?? Promise.resolve();
    },
  };
}

/** Worth another attempt: nobody answered, or the one who renews tokens is away. */
export function isPassing(error: unknown): boolean {
  if (error instanceof JoinRefused) return PASSING_ENDS.has(error.code);
  if (error instanceof Unreachable) return true;
  return error instanceof ApiProblem && (error.problem.status >= 500 || error.problem.status === 429);
}

/** How long the server asked to be left alone. */
export function retryAfterOf(error: unknown): number | undefined {
  return error instanceof ApiProblem ? error.retryAfterMs : undefined;
}

/** What a page matches on. */
export function codeOf(error: unknown): string {
  if (error instanceof JoinRefused) return error.code;
  return error instanceof ApiProblem ? error.problem.code : 'internal';
}
