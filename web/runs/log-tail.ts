// A log as far as it is known: each look asks only for what is newer. And what of it is shown.
import type { RunLogLine, RunState } from '@hakiri/contracts/scheduler';

export type LogTail = {
  lines: readonly RunLogLine[];
  /** In the order in which they appear. */
  steps: readonly string[];
  state: RunState;
};

/** `read` gives what came after that line. Looks must not overlap. */
export function createLogTail(
  read: (after: number) => Promise<{ lines: readonly RunLogLine[]; state: RunState }>,
): () => Promise<LogTail> {
  let lines: readonly RunLogLine[] = [];
  let steps: readonly string[] = [];
  return async () => {
    const news = await read(lines.at(-1)?.number ?? 0);
    if (news.lines.length > 0) lines = [...lines, ...news.lines];
    const known = new Set(steps);
    for (const { step } of news.lines) if (step !== undefined) known.add(step);
    if (known.size > steps.length) steps = [...known];
    return { lines, steps, state: news.state };
  };
}

/** The very same lines when nothing is asked for. */
export function shownLines(
  lines: readonly RunLogLine[],
  { step, find }: { step: string; find: string },
): readonly RunLogLine[] {
  const words = find.trim().toLowerCase();
  if (step === '' && words === '') return lines;
  return lines.filter(
    (line) =>
      (step === '' || line.step === step) && (words === '' || line.text.toLowerCase().includes(words)),
  );
}

/** As a file, or to paste: whole times, one line each, what follows a line break is set in. */
export function logText(lines: readonly RunLogLine[]): string {
  const one = ({ at, level, step, text }: RunLogLine): string =>
    `${at} ${level.toUpperCase().padEnd(5)} ${step === undefined ? '' : `[${step}] `}${text.replace(/\n/g, '\n    ')}\n`;
  return lines.map(one).join('');
}

/** `text` in pieces; every second one is what was looked for. */
export function foundPieces(text: string, find: string): string[] {
  const words = find.trim().toLowerCase();
  const lower = text.toLowerCase();
  // A letter may have another length in small letters: then no place fits.
  if (words === '' || lower.length !== text.length) return [text];
  const pieces: string[] = [];
  let from = 0;
  for (let at = lower.indexOf(words); at >= 0; at = lower.indexOf(words, from)) {
    pieces.push(text.slice(from, at), text.slice(at, at + words.length));
    from = at + words.length;
  }
  return [...pieces, text.slice(from)];
}

/** Some pixels of which no scroller is sure. */
const END_PX = 8;

type Scrolled = { scrollTop: number; clientHeight: number; scrollHeight: number };

/** Whether new lines are still followed: not once somebody went up, again once they are back at the end. */
export function stillFollows(was: boolean, beforeTop: number, now: Scrolled): boolean {
  if (now.scrollTop + now.clientHeight >= now.scrollHeight - END_PX) return true;
  return was && now.scrollTop >= beforeTop;
}
