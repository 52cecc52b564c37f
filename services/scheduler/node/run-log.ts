// What a run says, on its way to the scheduler: masked, gathered for a moment, sent in order, kept while nobody answers, within
// bounds. The run never waits for it but at its end, and then not for long.
import { ApiProblem } from '@hakiri/client/errors';
import type { NodeClient } from '@hakiri/client/runs';
import { type Claim, LOG_BATCH_LIMIT, type LogLevel, type LogLine } from '@hakiri/contracts/scheduler';
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { Clock, Timer } from '@hakiri/substrate/clock';
import type { Mask } from './mask.ts';

export type RunLog = {
  mask: Mask;
  write(level: LogLevel, text: string, step?: string): void;
  /** Resolves when all of it was sent, or after `limitMs`. */
  flush(limitMs: number): Promise<void>;
  close(): void;
};

/** Lines that wait to be sent; what comes then is counted, and not kept. */
export const BUFFER_LIMIT_LINES = 1_000;
/** The scheduler cuts earlier, and says so; no line is without a bound until then. */
const TEXT_LIMIT_CHARS = 8_000;
const GATHER_MS = 300;
const RETRY_FIRST_MS = 500;
const RETRY_LIMIT_MS = 15_000;

export function createRunLog(deps: {
  claim: Pick<Claim, 'run' | 'fence'>;
  api: Pick<NodeClient, 'log'>;
  clock: Clock;
  logger: Logger;
  mask: Mask;
}): RunLog {
  const { claim, api, clock, logger, mask } = deps;
  const waiting: LogLine[] = [];
  /** Of the first line that waits. */
  let sequence = 0;
  let dropped = 0;
  let retryMs = RETRY_FIRST_MS;
  let isClosed = false;
  let timer: Timer | undefined;
  let sending: Promise<boolean> | undefined;

  function add(level: LogLevel, text: string, step?: string): void {
    const at = new Date(clock.now()).toISOString();
    const masked = mask(text).slice(0, TEXT_LIMIT_CHARS);
    waiting.push({ at, level, text: masked, ...(step === undefined ? {} : { step: mask(step) }) });
  }

  function write(level: LogLevel, text: string, step?: string): void {
    if (isClosed) return;
    if (waiting.length >= BUFFER_LIMIT_LINES) dropped += 1;
    else add(level, text, step);
    if (!sending) timer ??= clock.after(GATHER_MS, () => void send());
  }

  /** One batch at a time; true when it was taken. */
  function send(): Promise<boolean> {
    timer?.cancel();
    timer = undefined;
    sending ??= sendBatch().finally(() => {
      sending = undefined;
      if (waiting.length > 0 && !isClosed) timer ??= clock.after(retryMs, () => void send());
    });
    return sending;
  }

  async function sendBatch(): Promise<boolean> {
    const lines = waiting.slice(0, LOG_BATCH_LIMIT);
    if (lines.length === 0) return true;
    try {
      await api.log(claim.run.id, { fence: claim.fence, sequence, lines });
    } catch (error) {
      if (isRefused(error)) {
        logger.warn('log_refused', errorFields(error));
        close();
      }
      retryMs = Math.min(retryMs * 2, RETRY_LIMIT_MS);
      return false;
    }
    waiting.splice(0, lines.length);
    sequence += lines.length;
    retryMs = RETRY_FIRST_MS;
    if (dropped > 0) add('warn', `${dropped} lines were dropped here: the scheduler could not be reached.`);
    dropped = 0;
    return true;
  }

  async function drain(signal: AbortSignal): Promise<void> {
    while (waiting.length > 0 && !isClosed && !signal.aborted)
      if (!(await send())) await clock.sleep(RETRY_FIRST_MS, signal).catch(() => undefined);
  }

  function close(): void {
    isClosed = true;
    timer?.cancel();
    waiting.length = 0;
  }

  return {
    mask,
    write,
    close,
    async flush(limitMs) {
      const over = new AbortController();
      const limit = clock.sleep(limitMs, over.signal).catch(() => undefined);
      await Promise.race([drain(over.signal), limit]);
      over.abort();
    },
  };
}

/** Sending it again would get the same answer. A scheduler of before knows no logs. */
function isRefused(error: unknown): boolean {
  return error instanceof ApiProblem && [400, 401, 403, 404, 409, 413, 422].includes(error.problem.status);
}
