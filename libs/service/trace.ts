// W3C trace context: a trace id that follows one request through every service it touches.
import { toHex } from '@hakiri/base/bytes';
import type { Random } from '@hakiri/substrate/random';

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

export function newTrace(random: Random): string {
  return `00-${toHex(random.bytes(16))}-${toHex(random.bytes(8))}-01`;
}

/** The caller's trace when its header is well formed, else a new one. */
export function traceOf(request: Request, random: Random): string {
  const header = request.headers.get('traceparent');
  return header !== null && TRACEPARENT.test(header) ? header : newTrace(random);
}
