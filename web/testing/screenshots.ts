// `npm run screenshots`: plays a scene on a real server and writes a picture of each screen, in both themes and on a phone, to be
// looked at. `--only=pipelines,changes` and `--in=light,wide` take less of it; with `--readme` four become those of the README.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openPageBed, type PageBed } from './page-bed.ts';
import { playScene, ROOT, type Screen } from './screenshots-scene.ts';

const SIZES = {
  light: { theme: 'light', width: 1360, height: 850 },
  dark: { theme: 'dark', width: 1360, height: 850 },
  phone: { theme: 'light', width: 390, height: 844 },
  /** Asked for by name only: a large screen, and the largest. */
  wide: { theme: 'light', width: 1920, height: 1080 },
  '4k': { theme: 'light', width: 3840, height: 2160 },
} as const;
const USUAL = 'light,dark,phone';
const README = ['pipelines', 'pipeline', 'changes', 'revision'];
const FOLDER = join(ROOT, '.cache/screenshots');
/** News come on open streams, so that no moment says that all is there. */
const SETTLE_MS = 1_200;

const bed = await openPageBed({ bob: 'applier' });
if (!bed) throw new Error('Chromium is missing: apt-get install chromium');
try {
  const only = option('only');
  const screens = (await playScene(bed)).filter(({ name }) => !only || only.split(',').includes(name));
  await mkdir(FOLDER, { recursive: true });
  for (const size of (option('in') ?? USUAL).split(',')) await takeAll(bed, screens, size);
  if (Bun.argv.includes('--readme')) await forReadme();
  for (const complaint of bed.complaints) process.stdout.write(`complaint: ${complaint}\n`);
} finally {
  await bed.end();
}
process.exit(0);

function option(name: string): string | undefined {
  const start = `--${name}=`;
  return Bun.argv.find((argument) => argument.startsWith(start))?.slice(start.length);
}

async function takeAll({ alice, server }: PageBed, screens: readonly Screen[], size: string): Promise<void> {
  const found = Object.entries(SIZES).find(([name]) => name === size)?.[1];
  if (!found) throw new Error(`--in=${size} is none of ${Object.keys(SIZES).join(', ')}`);
  const { theme, ...viewport } = found;
  for (const { name, path, page = alice, act, end } of screens) {
    const file = join(FOLDER, `${name}-${size}.png`);
    try {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.goto(`${server.url}${path}`);
      await page.locator('h1, h2').first().waitFor();
      await page.waitForTimeout(SETTLE_MS);
      await act?.(page);
      if (act) await page.waitForTimeout(SETTLE_MS / 2);
      await page.screenshot({ path: file, animations: 'disabled' });
      await end?.(page);
      process.stdout.write(`${file}\n`);
    } catch (error) {
      // One that cannot be taken takes none of the others away.
      process.stdout.write(`failed: ${name}-${size}: ${error instanceof Error ? error.message : error}\n`);
    }
  }
}

async function forReadme(): Promise<void> {
  await mkdir(join(ROOT, 'docs/images'), { recursive: true });
  for (const name of README)
    await Bun.write(join(ROOT, `docs/images/${name}.png`), Bun.file(join(FOLDER, `${name}-light.png`)));
}
