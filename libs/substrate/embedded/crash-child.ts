// Run by crash.test.ts as a process of its own: appends and enqueues as fast as it can, and says on stdout what was
// acknowledged, until it is killed.
import { writeSync } from 'node:fs';
import { utf8 } from '@hakiri/base/bytes';
import { openEmbedded } from './open.ts';

const STDOUT = 1;
const [dataDir = '', round = ''] = process.argv.slice(2);
const substrate = await openEmbedded(dataDir);

async function append(doc: string): Promise<never> {
  const id = { team: 'crash', doc };
  let { epoch, position } = await substrate.documents.open(id);
  for (;;) {
    const texts = [`${position}`, `${position + 1}`];
    position = await substrate.documents.append(id, epoch, position, texts.map(utf8));
    writeSync(STDOUT, `log ${doc} ${position}\n`);
    if (position % 50 === 0) await substrate.documents.compact(id, epoch, position, utf8(`${position}`));
  }
}

async function enqueue(): Promise<never> {
  for (let at = 0; ; at += 1) {
    const id = `${round}-${at}`;
    await substrate.bus.enqueue('crash.queue', id, utf8(id));
    writeSync(STDOUT, `queue ${id}\n`);
  }
}

await Promise.all([append('a'), append('b'), append('c'), enqueue()]);
