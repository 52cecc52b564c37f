// `npm run bench -- page`: the page in a real Chromium against the embedded deployment: how long a cold start takes until the first
// row is painted, and how much script that needs.
import { loadavg } from 'node:os';
import { type Browser, chromium } from 'playwright-core';
import { type Figure, table } from '../figures.ts';
import { signIn, sizeFigures, startFigures } from './start.ts';
import { startTeam } from './team.ts';

const CHROMIUM = '/usr/bin/chromium';
/** Frames are drawn when they are ready: what is measured is the page, not how long a display of 60 Hz waits. */
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-frame-rate-limit', '--disable-gpu-vsync'];
const FEW = { pipelines: 200, limitMs: 1_000 };
const MANY = { pipelines: 10_000, limitMs: 3_000 };

export const PAGE_HELP = `npm run bench -- page [<pipelines>]

  <pipelines>  how many the large team has (${MANY.pipelines})`;

export async function measurePage(args: readonly string[]): Promise<void> {
  const pipelines = Number(args[0] ?? MANY.pipelines);
  if (!Number.isSafeInteger(pipelines)) throw new Error(PAGE_HELP);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  const load = (): string => (loadavg()[0] ?? 0).toFixed(1);
  const before = load();
  try {
    const figures: Figure[] = [];
    figures.push(...(await figuresOf(browser, FEW)), ...(await figuresOf(browser, { ...MANY, pipelines })));
    process.stdout.write(`${table(figures)}\n\nload of the machine: ${before} before, ${load()} after\n`);
  } finally {
    await browser.close();
  }
}

async function figuresOf(browser: Browser, size: { pipelines: number; limitMs: number }): Promise<Figure[]> {
  const team = await startTeam(size.pipelines);
  const figures: Figure[] = [];
  // It takes minutes: what is known is told.
  const know = (known: readonly Figure[]): void => {
    figures.push(...known);
    for (const { name, ours, unit, note } of known)
      process.stderr.write(`${name}: ${ours.toFixed(1)} ${unit} (${note ?? ''})\n`);
  };
  try {
    const session = await signIn(browser, team);
    know(await startFigures(browser, team, session, size));
    if (size === FEW) know(await sizeFigures(team.url));
    return figures;
  } finally {
    await team.stop();
  }
}
