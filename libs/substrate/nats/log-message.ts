// What a message of the document log's stream says about itself, in headers. Each one carries the whole state after it
// (epoch, position, where the base is), so the last message of a subject is enough to know where a document stands.
import { headers, type MsgHdrs } from 'nats';
import { DocumentLogError } from '../document-log.ts';

export type LogState = {
  epoch: number;
  /** Entries ever appended, this message's included. */
  position: number;
  base: { key: string; position: number } | undefined;
  /** Which life of the stream its writer knew; messages from before this was said have none. */
  life: number | undefined;
};

const EPOCH = 'Hakiri-Epoch';
const POSITION = 'Hakiri-Position';
const LIFE = 'Hakiri-Life';
const BASE_KEY = 'Hakiri-Base-Key';
const BASE_POSITION = 'Hakiri-Base-Position';

export function encodeState(state: LogState): MsgHdrs {
  const encoded = headers();
  encoded.set(EPOCH, `${state.epoch}`);
  encoded.set(POSITION, `${state.position}`);
  if (state.life !== undefined) encoded.set(LIFE, `${state.life}`);
  if (state.base) {
    encoded.set(BASE_KEY, state.base.key);
    encoded.set(BASE_POSITION, `${state.base.position}`);
  }
  return encoded;
}

/** @throws DocumentLogError `unavailable` when somebody else wrote to the stream. */
export function decodeState(encoded: MsgHdrs | undefined): LogState {
  const key = encoded?.get(BASE_KEY);
  return {
    epoch: count(encoded, EPOCH),
    position: count(encoded, POSITION),
    life: encoded?.get(LIFE) ? count(encoded, LIFE) : undefined,
    base: key ? { key, position: count(encoded, BASE_POSITION) } : undefined,
  };
}

function count(encoded: MsgHdrs | undefined, name: string): number {
  const text = encoded?.get(name) ?? '';
  if (!/^\d{1,15}$/.test(text))
    throw new DocumentLogError('unavailable', `a message of the document log has no ${name}`);
  return Number(text);
}
