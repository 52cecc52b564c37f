// From a key to the screen: real key presses in the form's name, in the search and in a transform's body, while somebody else edits
// or nobody does; and the same in a page that is nothing but a text area, which is what the browser needs by itself.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { type Figure, quantile } from '../figures.ts';
import { openList } from './start.ts';
import type { Team } from './team.ts';

/** In each field. */
const PRESSES = 100;
/** Thrown away: code is compiled, the form has been read. */
const WARM_UP_PRESSES = 20;
/** A fast typist. */
const PRESS_EVERY_MS = 60;
const REMOTE_EVERY_MS = 100;
/** Of one frame at 60 Hz. */
const LIMIT_MS = 16;
const PATIENCE_MS = 60_000;
/** A machine that cannot keep up measures fewer presses. */
const FIELD_LIMIT_MS = 15_000;

const FIELDS = {
  name: 'in the form’s name',
  search: 'in the search',
  body: 'in a transform’s body',
} as const;
type FieldName = keyof typeof FIELDS;
export type KeyTimes = Record<FieldName, readonly number[]> & {
  /** From a letter in the search until the rows that it finds are on the screen. */
  rows: readonly number[];
};

declare global {
  var paintTimes: number[];
  var rowTimes: number[];
}

/** Of a page of its own. */
export async function keyTimes(
  browser: Browser,
  session: BrowserContextOptions,
  team: Team,
  { isEdited, say }: { isEdited: boolean; say(line: string): void },
): Promise<KeyTimes> {
  const context = await browser.newContext(session);
  const page = await context.newPage();
  await openList(page, team.url);
  const told = async (field: FieldName, times: Promise<number[]>): Promise<number[]> => {
    const known = await times;
    say(
      `a key ${FIELDS[field]}: ${quantile(known, 0.5).toFixed(1)} ms, p95 ${quantile(known, 0.95).toFixed(1)}`,
    );
    return known;
  };
  const timer = isEdited ? setInterval(team.edit, REMOTE_EVERY_MS) : undefined;
  try {
    const search = await told('search', pressed(page, 'input[type="search"]', lettersOfSearch));
    const rows = await page.evaluate(() => globalThis.rowTimes);
    await page.locator('[role="row"][aria-rowindex="2"] button').click({ timeout: PATIENCE_MS });
    const name = await told('name', pressed(page, 'input[data-field="name"]', lettersOfText));
    // Its editor is loaded when it comes near to what is seen.
    await page.locator('[data-field="transforms"]').scrollIntoViewIfNeeded();
    const body = await told('body', pressed(page, '.cm-content', lettersOfText));
    return { name, search, body, rows };
  } finally {
    clearInterval(timer);
    await context.close();
  }
}

/** The floor. */
export async function bareKeyTimes(browser: Browser): Promise<readonly number[]> {
  const page = await browser.newPage();
  await page.setContent('<!doctype html><textarea></textarea>');
  const times = await pressed(page, 'textarea', lettersOfText);
  await page.close();
  return times;
}

export function keyFigures(
  many: KeyTimes,
  few: KeyTimes,
  bare: readonly number[],
  counts: { many: number; few: number },
): Figure[] {
  const ms = (times: readonly number[], of: number): string => quantile(times, of).toFixed(1);
  const of = (name: string, limit: number | undefined, ours: readonly number[], alone: readonly number[]) =>
    [0.5, 0.95].map(
      (fraction): Figure => ({
        name: `${name}, ${counts.many.toLocaleString('en')} pipelines, p${fraction * 100}`,
        unit: 'ms',
        ours: quantile(ours, fraction),
        floor: { name: `${counts.few} pipelines, nobody else edits`, value: quantile(alone, fraction) },
        ...(limit === undefined ? {} : { limit }),
        note: `an empty text area: ${ms(bare, fraction)} ms; worst ${Math.max(...ours).toFixed(0)} of ${ours.length}`,
      }),
    );
  return [
    ...(['name', 'search', 'body'] as const).flatMap((field) =>
      of(`key → paint ${FIELDS[field]}`, LIMIT_MS, many[field], few[field]),
    ),
    ...of('key in the search → its rows', undefined, many.rows, few.rows),
  ];
}

/** What is typed comes in few and goes again: each press finds more or fewer. */
function lettersOfSearch(press: number): string {
  return ['4', '2', '7', 'Backspace', 'Backspace', 'Backspace'][press % 6] ?? '';
}

function lettersOfText(press: number): string {
  return 'abcdefghijklmnopqrstuvwxyz'[press % 26] ?? '';
}

/**
 * Each from the moment that the browser got the key (the event's own time stamp) until a message is served that the frame after it
 * sent: by then what the frame drew has been handed over.
 */
async function pressed(page: Page, field: string, letter: (press: number) => string): Promise<number[]> {
  const input = page.locator(field).first();
  await input.waitFor({ timeout: PATIENCE_MS });
  await input.click();
  await page.evaluate(watchKeys);
  const until = performance.now() + FIELD_LIMIT_MS;
  let pressed = 0;
  while (pressed < WARM_UP_PRESSES + PRESSES && (pressed <= WARM_UP_PRESSES || performance.now() < until)) {
    const next = Bun.sleep(PRESS_EVERY_MS);
    await page.keyboard.press(letter(pressed));
    pressed += 1;
    await next;
  }
  await page.waitForFunction((count) => globalThis.paintTimes.length >= count, pressed);
  return page.evaluate((from) => {
    globalThis.rowTimes = globalThis.rowTimes.slice(from);
    return globalThis.paintTimes.slice(from);
  }, WARM_UP_PRESSES);
}

/** In the page; once, however many fields follow. */
function watchKeys(): void {
  const isWatched = globalThis.paintTimes !== undefined;
  globalThis.paintTimes = [];
  globalThis.rowTimes = [];
  if (isWatched) return;
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  const afterPaint = (told: () => void): void => {
    requestAnimationFrame(() => {
      waiting.push(told);
      port2.postMessage(0);
    });
  };
  let last: number | undefined;
  window.addEventListener(
    'keydown',
    ({ timeStamp }) => {
      last = timeStamp;
      afterPaint(() => globalThis.paintTimes.push(performance.now() - timeStamp));
    },
    { capture: true },
  );
  // How many rows the list has changes with each letter of the search.
  new MutationObserver(() => {
    const since = last;
    last = undefined;
    if (since !== undefined) afterPaint(() => globalThis.rowTimes.push(performance.now() - since));
  }).observe(document.body, { subtree: true, attributeFilter: ['aria-rowcount'] });
}
