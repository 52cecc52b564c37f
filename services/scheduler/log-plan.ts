// What becomes of the lines that a node sends: which are new, which are cut, which no longer fit. Pure.
import { utf8 } from '@hakiri/base/bytes';
import {
  LOG_ERRORS_LIMIT,
  LOG_LIMIT_BYTES,
  LOG_LINES_LIMIT,
  LOG_TEXT_LIMIT_CHARS,
  type LogLevel,
} from '@hakiri/contracts/scheduler';

/** How far the log of a run has come. */
export type LogHead = {
  fence: number;
  nextSequence: number;
  lastNumber: number;
  sizeBytes: number;
  lateErrors: number;
  isFull: boolean;
};
export type SentLine = { atMs: number; level: LogLevel; step: string | null; text: string };
export type KeptLine = SentLine & { number: number; fence: number };

export const EMPTY_LOG: LogHead = {
  ...{ fence: 0, nextSequence: 0, lastNumber: 0, sizeBytes: 0, lateErrors: 0 },
  isFull: false,
};
const FULL_TEXT = `The log is full: of a run at most ${LOG_LINES_LIMIT} lines and ${LOG_LIMIT_BYTES} bytes are kept. What follows was dropped, but for errors.`;

/** `sequence` is of the first line. A line that came before, under the same fence, is passed over. */
export function planLog(
  before: LogHead,
  batch: { fence: number; sequence: number; lines: readonly SentLine[] },
): { head: LogHead; kept: KeptLine[] } {
  const { fence, sequence } = batch;
  const head = { ...before, ...(before.fence === fence ? {} : { fence, nextSequence: 0 }) };
  const kept: KeptLine[] = [];
  const keep = (line: SentLine): void => {
    head.lastNumber += 1;
    kept.push({ ...line, number: head.lastNumber, fence });
  };
  for (const sent of batch.lines.slice(Math.max(0, head.nextSequence - sequence))) {
    const line = { ...sent, text: cut(sent.text) };
    const sizeBytes = utf8(line.text).length + utf8(line.step ?? '').length;
    if (
      !head.isFull &&
      (head.lastNumber >= LOG_LINES_LIMIT || head.sizeBytes + sizeBytes > LOG_LIMIT_BYTES)
    ) {
      // From here on also what would fit: a log with holes that nobody sees is worse than one that ends.
      head.isFull = true;
      keep({ atMs: line.atMs, level: 'warn', step: null, text: FULL_TEXT });
    }
    if (!head.isFull) {
      head.sizeBytes += sizeBytes;
      keep(line);
    } else if (line.level === 'error' && head.lateErrors < LOG_ERRORS_LIMIT) {
      head.lateErrors += 1;
      keep(line);
    }
  }
  head.nextSequence = Math.max(head.nextSequence, sequence + batch.lines.length);
  return { head, kept };
}

function cut(text: string): string {
  const more = text.length - LOG_TEXT_LIMIT_CHARS;
  const shown =
    more > 0 ? `${text.slice(0, LOG_TEXT_LIMIT_CHARS)}… (${more} more characters were cut)` : text;
  return shown.toWellFormed();
}
