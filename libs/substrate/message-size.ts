// The one bound of a message, checked by every bus before anything is sent.
import { BusError, MESSAGE_LIMIT_BYTES } from './bus.ts';

/** @throws BusError `too_large` */
export function checkSize(data: Uint8Array): void {
  if (data.length > MESSAGE_LIMIT_BYTES)
    throw new BusError(
      'too_large',
      `a message of ${data.length} bytes; at most ${MESSAGE_LIMIT_BYTES}: split it`,
    );
}
