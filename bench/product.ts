// The product's figures: one embedded deployment, asked for each after the other.
import { applyLatency } from './apply.ts';
import { editLatency } from './edit.ts';
import { type Figure, table } from './figures.ts';
import { fireLatency } from './fire.ts';
import { idleCost } from './idle.ts';
import { joinLatency } from './join.ts';
import { startSubject } from './subject.ts';

export async function measureProduct(): Promise<void> {
  const subject = await startSubject();
  const figures: Figure[] = [];
  const measure = async (what: string, work: () => Promise<Figure[]>): Promise<void> => {
    process.stderr.write(`${what}…\n`);
    figures.push(...(await work()));
  };
  try {
    // Idle first: nothing is scheduled yet, as after a fresh start.
    await measure('idle cost', () => idleCost(subject, subject.deployment.pid() ?? 0));
    await measure('edit latency', () => editLatency(subject));
    await measure('join', () => joinLatency(subject));
    await measure('apply', () => applyLatency(subject));
    await measure('fire latency', () => fireLatency(subject));
  } finally {
    await subject.stop();
  }
  process.stdout.write(`${table(figures)}\n`);
}
