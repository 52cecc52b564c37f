// The page as a process of its own.
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { tether } from '@hakiri/substrate/tether';

test('[PL9] the page is served by a process that knows no service, and ends when it is told to', async () => {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'main.ts')], {
    env: { PATH: process.env.PATH },
    stdout: 'pipe',
    stderr: 'inherit',
  });
  tether(child);
  let said = '';
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    said += chunk;
    if (said.includes('\n')) break;
  }
  const url = /"url":"([^"]+)"/.exec(said)?.[1] ?? '';
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const place = await fetch(`${url}/docs/main/pipelines`, { headers: { accept: 'text/html' } });
  expect(place.status).toBe(200);
  expect(place.headers.get('content-security-policy')).toContain("script-src 'self'");
  expect((await fetch(`${url}/v1/docs`)).status).toBe(404);
  child.kill('SIGTERM');
  expect(await child.exited).toBe(0);
});
