// Run by log-faults.test.ts as a process of its own: appends and compacts, says on stdout what was acknowledged, and dies at
// the step it is told, the given number of times after it came by.
import { writeSync } from 'node:fs';
import { utf8 } from '@hakiri/base/bytes';
import { openDocumentLogHere } from './document-log.ts';

const STDOUT = 1;
const [path = '', deadly = '', times = '1'] = process.argv.slice(2);
let left = Number(times);
let armed = false;
const log = openDocumentLogHere({
  path,
  onStep: (step) => {
    if (!armed || step !== deadly) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  },
});
const id = { team: 'crash', doc: 'd' };
let { epoch, position } = await log.open(id);
armed = true;
for (;;) {
  const entries = [utf8(`${position}`), utf8(`${position + 1}`)];
  position = await log.append(id, epoch, position, entries);
  writeSync(STDOUT, `appended ${position}\n`);
  if (position % 6 === 0) {
    await log.compact(id, epoch, position - 1, utf8(`${position - 1}`));
    writeSync(STDOUT, `compacted ${position - 1}\n`);
  }
  if (position % 10 === 0) ({ epoch, position } = await log.open(id));
}
