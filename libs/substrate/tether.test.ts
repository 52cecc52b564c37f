// A child must not outlive a parent that is killed; one that ended leaves nobody to watch it.
import { expect, test } from 'bun:test';
import { join } from 'node:path';

const PARENT = `
  const { tether } = await import(${JSON.stringify(join(import.meta.dir, 'tether.ts'))});
  const child = Bun.spawn(['/bin/sh', '-c', 'echo $$; exec cat'], { stdin: 'pipe', stdout: 'inherit' });
  tether(child);
  if (process.argv[1] === 'ends') child.kill('SIGKILL');
  await child.exited;
`;

test('a child ends with its parent, also when that is killed', async () => {
  const parent = Bun.spawn([process.execPath, '-e', PARENT], { stdout: 'pipe', stderr: 'inherit' });
  const reader = parent.stdout.getReader();
  const { value } = await reader.read();
  const pid = Number(new TextDecoder().decode(value));
  expect(process.kill(pid, 0)).toBe(true);
  parent.kill('SIGKILL');
  // The child has the other end of this pipe: it closes when the child is gone.
  expect((await reader.read()).done).toBe(true);
});

test('a parent whose child has ended comes to its end', async () => {
  const parent = Bun.spawn([process.execPath, '-e', PARENT, 'ends'], { stdout: 'ignore', stderr: 'inherit' });
  expect(await parent.exited).toBe(0);
});
