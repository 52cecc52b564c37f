// Staying in a room whatever the connection does: enters, and enters again with growing, jittered pauses, at once when the
// browser says that the network is back.
import { utf8 } from '@hakiri/base/bytes';
import { SCHEMA_VERSION, SCHEMA_VERSION_MIN } from '@hakiri/config-doc/schema';
import { type JoinPayload, LORO_RANGE, PROTOCOL_RANGE } from '@hakiri/contracts/join';
import { ApiProblem, Unreachable } from './errors.ts';
import type { TokenSource } from './http.ts';
import { JoinRefused, openRoom, PASSING_ENDS, type Room, type RoomOptions } from './sync-room.ts';
import { backoffMs, pauseUntilWoken } from './wait.ts';

/** What to do about an error at entering. */
export type Verdict = 'again' | 'stop';

/** A room that lasted so long begins counting attempts anew: one that always breaks at once is not hammered. */
const LASTING_MS = 5_000;

export function stayInRoom(
  options: Omit<RoomOptions, 'payload' | 'doc'> & {
    tokens: TokenSource;
    device: string | undefined;
    /** The current one: it may be replaced between two lives. */
    doc: () => RoomOptions['doc'];
    entered(room: Room): void;
    /** Never throws. */
    failed(error: unknown): Promise<Verdict>;
  },
) {
  const { tokens, device, entered, failed } = options;
  const leaving = new AbortController();
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

  return {
    /** Returns when it was left, or when `failed` said so. */
    async run(): Promise<void> {
      for (let attempt = 0; !leaving.signal.aborted; attempt++) {
        try {
          room = await enter();
          if (leaving.signal.aborted) return room.leave();
          entered(room);
          const since = performance.now();
          await room.ended;
          if (performance.now() - since > LASTING_MS) attempt = 0;
        } catch (error) {
          if (leaving.signal.aborted || (await failed(error)) === 'stop') return;
        }
        await pauseUntilWoken(backoffMs(attempt), leaving.signal);
      }
    },
    leave(): void {
      leaving.abort();
      room?.leave();
    },
  };
}

/** Worth another attempt: nobody answered, or the one who renews tokens is away. */
export function isPassing(error: unknown): boolean {
  if (error instanceof JoinRefused) return PASSING_ENDS.has(error.code);
  if (error instanceof Unreachable) return true;
  return error instanceof ApiProblem && (error.problem.status >= 500 || error.problem.status === 429);
}
