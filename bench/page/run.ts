// `npm run bench -- page`: the page in a real Chromium against the embedded deployment: how long a cold start takes until the first
// row is painted, and how much script that needs; how long a key takes to the screen while somebody else edits; and what an hour of
// others' edits leaves in memory.
import { loadavg } from 'node:os';
import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core';
import { type Figure, table } from '../figures.ts';
import { startBareDocument } from './bare-document.ts';
import { bareKeyTimes, type KeyTimes, keyFigures, keyTimes } from './keys.ts';
import { memoryFigures, watchWasm } from './memory.ts';
import { openList, signIn, sizeFigures, startFigures } from './start.ts';
import { startTeam, type Team } from './team.ts';

const CHROMIUM = '/usr/bin/chromium';
/** Frames are drawn when they are ready: what is measured is the page, not how long a display of 60 Hz waits. */
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-frame-rate-limit', '--disable-gpu-vsync'];
const FEW = { pipelines: 200, limitMs: 1_000 };
const MANY = { pipelines: 10_000, limitMs: 3_000 };
const PARTS = ['start', 'keys', 'memory'] as const;
type Part = (typeof PARTS)[number];

export const PAGE_HELP = `npm run bench -- page [<pipelines>] [<part>]

  <pipelines>  how many the large team has (${MANY.pipelines})
  <part>       one of them alone: ${PARTS.join(', ')}`;

export async function measurePage(args: readonly string[]): Promise<void> {
  const [count = String(MANY.pipelines), asked] = args;
  const pipelines = Number(count);
  const parts = PARTS.filter((part) => asked === undefined || part === asked);
  if (!Number.isSafeInteger(pipelines) || parts.length === 0) throw new Error(PAGE_HELP);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  const load = (): string => (loadavg()[0] ?? 0).toFixed(1);
  const before = load();
  try {
    const figures: Figure[] = [];
    const few = await measureTeam(browser, FEW, parts, figures);
    const isOfMany = parts.includes('start') || parts.includes('keys');
    if (isOfMany) await measureTeam(browser, { ...MANY, pipelines }, parts, figures, few);
    process.stdout.write(`${table(figures)}\n\nload of the machine: ${before} before, ${load()} after\n`);
  } finally {
    await browser.close();
  }
}

/** Into `figures`. With the times of a smaller team its keys are measured against those; without, they are what is given back. */
async function measureTeam(
  browser: Browser,
  size: { pipelines: number; limitMs: number },
  parts: readonly Part[],
  figures: Figure[],
  few?: KeyTimes,
): Promise<KeyTimes | undefined> {
  const isMany = size !== FEW;
  // It takes minutes: what is known is told.
  const know = (known: readonly Figure[]): void => {
    figures.push(...known);
    for (const { name, ours, unit, note } of known)
      process.stderr.write(`${name}: ${ours.toFixed(1)} ${unit} (${note ?? ''})\n`);
  };
  const say = (line: string): void => {
    process.stderr.write(`${size.pipelines.toLocaleString('en')} pipelines: ${line}\n`);
  };
  say('made and applied …');
  const team = await startTeam(size.pipelines);
  try {
    const session = await signIn(browser, team);
    if (parts.includes('start')) know(await startFigures(team, session, size));
    if (parts.includes('start') && !isMany) know(await sizeFigures(team.url));
    const keys = parts.includes('keys')
      ? await keyTimes(browser, session, team, { isEdited: isMany, say })
      : undefined;
    if (keys && few) {
      const counts = { many: size.pipelines, few: FEW.pipelines };
      know(keyFigures(keys, few, await bareKeyTimes(browser), counts));
    }
    if (parts.includes('memory') && !isMany) know(await memoryOf(browser, session, team, say));
    return keys;
  } finally {
    await team.stop();
  }
}

/** With few pipelines: what grows is what edits leave behind, not what they are about. */
async function memoryOf(
  browser: Browser,
  session: BrowserContextOptions,
  team: Team,
  say: (line: string) => void,
): Promise<Figure[]> {
  const context = await browser.newContext(session);
  const bare = startBareDocument(team.snapshot());
  try {
    const page = await context.newPage();
    await watchWasm(page);
    await openList(page, team.url);
    return await memoryFigures(page, team, bare, say);
  } finally {
    bare.stop();
    await context.close();
  }
}
