// Edits of another document while something large goes on in the same process: how long they take to the other client, before
// and meanwhile.

import type { Client } from '@hakiri/client/client';
import { setText } from '@hakiri/config-doc/edit';
import { join, type Person, pipelineOf } from '@hakiri/tests/people';
import { type Figure, quantile } from './figures.ts';

const DOC = 'beside';
const PAUSE_MS = 5;
const BEFORE_MS = 4_000;
const SMALL = `[[pipeline]]
id = "beside"
source = { kind = "csv-file", ref = "orders.csv" }
destination = { table = "bench.beside" }
schedule = { kind = "cron", expr = "0 3 1 1 *" }
`;

type Seat = { url: string; team: string; token: string };

/** `work` is what goes on meanwhile; `name` says what in the figure. */
export async function editsBeside(
  client: Client,
  seat: Seat,
  name: string,
  work: () => Promise<void>,
): Promise<Figure> {
  await client.documents.create({ doc: DOC });
  await client.apply.import(SMALL, { doc: DOC, format: 'toml' });
  const [alice, bob] = await Promise.all([
    join('alice', { ...seat, doc: DOC }),
    join('bob', { ...seat, doc: DOC }),
  ]);
  const begun = performance.now();
  const before = await editWhile(alice, bob, () => performance.now() - begun < BEFORE_MS);
  let isOver = false;
  const working = work().finally(() => {
    isOver = true;
  });
  const meanwhile = await editWhile(alice, bob, () => !isOver);
  await working;
  alice.leave();
  bob.leave();
  const floor = quantile(before, 0.99);
  return {
    name: `edit of another document ${name}, p99`,
    unit: 'ms',
    ours: quantile(meanwhile, 0.99),
    floor: { name: 'before', value: floor },
    limit: 2 * floor,
    note: `${meanwhile.length} edits, longest ${quantile(meanwhile, 1).toFixed(0)} ms`,
  };
}

async function editWhile(alice: Person, bob: Person, isGoingOn: () => boolean): Promise<number[]> {
  const { key } = pipelineOf(alice.doc, 'beside');
  const tookMs: number[] = [];
  while (isGoingOn()) {
    const arrival = new Promise<void>((resolve) => {
      const stop = bob.doc.subscribe(() => {
        stop();
        resolve();
      });
    });
    const begun = performance.now();
    setText(alice.doc, key, 'description', `edit ${begun}`);
    alice.doc.commit();
    await arrival;
    tookMs.push(performance.now() - begun);
    await Bun.sleep(PAUSE_MS);
  }
  return tookMs;
}
