// An hour at the page: as many edits of others as it brings at ten a second, as fast as the page takes them, and somebody who opens
// forms, types into them and closes them again. What the page holds afterwards is set against a bare document with the same edits.
import type { CDPSession, Page } from 'playwright-core';
import type { Figure } from '../figures.ts';
import type { BareDocument } from './bare-document.ts';
import type { Team } from './team.ts';

/** An hour at ten a second. */
const EDITS = 36_000;
/** The page has shown these before more come: what is measured is not a queue. */
const AT_A_TIME = 900;
/** Before anything is measured: what is read while nobody waits has been read, and code is compiled. */
const WARM_UP_EDITS = 1_800;
const POINTS = 10;
/** In the JavaScript heap, which the document's history is no part of. */
const HEAP_LIMIT_MB = 5;
const PATIENCE_MS = 60_000;
/** On a busy machine it ends with fewer edits, and says with how many. */
const LIMIT_MS = 75_000;
/** The replica's delay, and the writing. */
const STORED_AFTER_MS = 1_500;
const MEBIBYTE = 2 ** 20;

type Memory = { heap: number; wasm: number; bare: number; nodes: number; listeners: number };

declare global {
  var loroMemory: WebAssembly.Memory | undefined;
}

/** Before the page is opened: who instantiates a module with a memory is remembered. */
export async function watchWasm(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const note = (exports: WebAssembly.Exports): void => {
      const { memory } = exports;
      if (memory instanceof WebAssembly.Memory) globalThis.loroMemory = memory;
    };
    // Whichever way is taken, both give an instance or something that has one.
    const watched = <Made extends (...args: never[]) => Promise<unknown>>(make: Made): Made =>
      new Proxy(make, {
        async apply(target, self, args) {
          const made: unknown = await Reflect.apply(target, self, args);
          const instance = made instanceof Object && 'instance' in made ? made.instance : made;
          if (instance instanceof WebAssembly.Instance) note(instance.exports);
          return made;
        },
      });
    WebAssembly.instantiate = watched(WebAssembly.instantiate);
    WebAssembly.instantiateStreaming = watched(WebAssembly.instantiateStreaming);
  });
}

/** Of a page that shows the list, from its top, and of a document that holds what the team's did when it was opened. */
export async function memoryFigures(
  page: Page,
  team: Team,
  bare: BareDocument,
  say: (line: string) => void,
): Promise<Figure[]> {
  const devtools = await page.context().newCDPSession(page);
  const update = team.onUpdate(bare.take);
  try {
    await replay(page, team, WARM_UP_EDITS);
    const begun = performance.now();
    const points = [await memoryOf(page, devtools, bare)];
    for (let point = 0; point < POINTS && performance.now() - begun < LIMIT_MS; point++) {
      await replay(page, team, EDITS / POINTS);
      const now = await memoryOf(page, devtools, bare);
      points.push(now);
      const { heap, wasm, nodes, listeners } = now;
      const left = `heap ${heap.toFixed(1)} MB, Loro ${wasm.toFixed(0)} MB (bare ${now.bare.toFixed(0)})`;
      say(`${((point + 1) * EDITS) / POINTS} edits: ${left}, ${nodes} nodes, ${listeners} listeners`);
    }
    return figuresOf(points, performance.now() - begun);
  } finally {
    update();
  }
}

async function memoryOf(page: Page, devtools: CDPSession, bare: BareDocument): Promise<Memory> {
  // What others did is written down a second later, and what waits for that is no leak.
  await Bun.sleep(STORED_AFTER_MS);
  // Twice: what the first one frees may have held on to something by a finalizer, as Loro's handles do.
  for (let round = 0; round < 2; round++) {
    await devtools.send('HeapProfiler.collectGarbage');
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
  }
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  const { nodes, jsEventListeners } = await devtools.send('Memory.getDOMCounters');
  const wasm = await page.evaluate(() => globalThis.loroMemory?.buffer.byteLength ?? Number.NaN);
  return {
    heap: usedSize / MEBIBYTE,
    wasm: wasm / MEBIBYTE,
    bare: (await bare.memoryBytes()) / MEBIBYTE,
    nodes,
    listeners: jsEventListeners,
  };
}

function figuresOf(points: readonly Memory[], ms: number): Figure[] {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return [];
  const edits = (EDITS / POINTS) * (points.length - 1);
  const all = (name: keyof Memory, digits: number): string =>
    points.map((point) => point[name].toFixed(digits)).join(' → ');
  return [
    {
      name: `JS heap, grown by ${edits.toLocaleString('en')} remote edits${edits < EDITS ? '' : ' (an hour of ten a second)'}`,
      unit: 'MB',
      ours: last.heap - first.heap,
      limit: HEAP_LIMIT_MB,
      note: `${all('heap', 1)} MB; DOM nodes ${all('nodes', 0)}; listeners ${all('listeners', 0)}; in ${(ms / 1_000).toFixed(0)} s`,
    },
    {
      name: 'Loro’s memory, grown by the same',
      unit: 'MB',
      ours: last.wasm - first.wasm,
      floor: { name: 'a bare document with the same edits', value: last.bare - first.bare },
      note: `${all('wasm', 0)} MB; bare ${all('bare', 0)} MB: the document keeps its history`,
    },
  ];
}

/** In batches; in each one pipeline is opened, its name typed into, and closed again. */
async function replay(page: Page, team: Team, edits: number): Promise<void> {
  for (let done = 0; done < edits; done += AT_A_TIME) {
    let last = 0;
    for (let index = 1; index < AT_A_TIME; index++) last = team.edit();
    const name = `After ${last + 1} edits`;
    team.nameFirst(name);
    await page.locator('[role="row"][aria-rowindex="3"] button').click({ timeout: PATIENCE_MS });
    await page.locator('input[data-field="name"]').click({ timeout: PATIENCE_MS });
    await page.keyboard.type('x');
    await page.keyboard.press('Backspace');
    await page.getByRole('button', { name: 'Close the form' }).click({ timeout: PATIENCE_MS });
    await page.locator('input[data-field="name"]').waitFor({ state: 'detached', timeout: PATIENCE_MS });
    await page.getByText(name, { exact: true }).first().waitFor({ timeout: PATIENCE_MS });
  }
}
