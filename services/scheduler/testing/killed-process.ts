// For a test that kills it: a scheduler with a run whose node has said something. Prints the run's id once that was acknowledged.
import { applied, claimed } from './asking.ts';
import { openWorld, pipeline } from './world.ts';

const world = await openWorld(process.argv[2] ?? '');
await applied(world, 1, pipeline(1));
const { id } = await world.as('applier').start('p1');
const { fence } = await claimed(world);
const line = { at: new Date().toISOString(), level: 'info', text: 'said before the end' } as const;
await world.as('node', 'n1').node.log(id, { fence, sequence: 0, lines: [line, line] });
process.stdout.write(`${id}\n`);
