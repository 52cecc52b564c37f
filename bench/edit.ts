// Edit at one client → seen by the other, both stock clients, the server's acknowledgement durable; against a bare
// `Bun.serve` that passes the same frames from one socket to another and stores nothing.
import { setSchedule } from '@hakiri/config-doc/edit';
import { pipelineOf } from '@hakiri/tests/people';
import { type Figure, quantile } from './figures.ts';
import type { Subject } from './subject.ts';

const EDITS = 500;
const FRAME_BYTES = 260;

export async function editLatency(subject: Subject): Promise<Figure[]> {
  const [alice, bob] = await Promise.all([subject.editor('alice'), subject.editor('bob')]);
  const { key } = pipelineOf(alice.doc, 'pipeline-7');
  const seen: number[] = [];
  const durable: number[] = [];
  for (let edit = 0; edit < EDITS; edit++) {
    const arrival = new Promise<void>((resolve) => {
      const stop = bob.doc.subscribe(() => {
        stop();
        resolve();
      });
    });
    const begun = performance.now();
    setSchedule(alice.doc, key, { kind: 'cron', expr: `${edit % 60} 4 * * *` });
    alice.doc.commit();
    await arrival;
    seen.push(performance.now() - begun);
    await alice.settled();
    durable.push(performance.now() - begun);
  }
  alice.leave();
  bob.leave();
  const floor = await bareBroadcast();
  return [
    {
      name: 'edit → other client, p50',
      unit: 'ms',
      ours: quantile(seen, 0.5),
      floor: { name: 'bare broadcast', value: quantile(floor, 0.5) },
      limit: 5,
    },
    {
      name: 'edit → other client, p99',
      unit: 'ms',
      ours: quantile(seen, 0.99),
      floor: { name: 'bare broadcast', value: quantile(floor, 0.99) },
    },
    { name: 'edit → durable ack, p50', unit: 'ms', ours: quantile(durable, 0.5), note: 'fsync included' },
  ];
}

const BARE_BROADCAST = `const server = Bun.serve({
  hostname: '127.0.0.1', port: 0,
  fetch: (request, server) => (server.upgrade(request) ? undefined : new Response('', { status: 400 })),
  websocket: { open: (socket) => socket.subscribe('room'), message: (socket, data) => socket.publish('room', data) },
}); process.stdout.write(String(server.port));`;

/** In a process of its own, as ours is. */
async function bareBroadcast(): Promise<number[]> {
  const server = Bun.spawn([process.execPath, '-e', BARE_BROADCAST], { stdout: 'pipe' });
  const { value } = await server.stdout.getReader().read();
  const port = Number(new TextDecoder().decode(value));
  const open = async (): Promise<WebSocket> => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    socket.binaryType = 'arraybuffer';
    await new Promise((resolve) => {
      socket.onopen = resolve;
    });
    return socket;
  };
  const [sender, receiver] = await Promise.all([open(), open()]);
  const times: number[] = [];
  for (let edit = 0; edit < EDITS; edit++) {
    const arrival = new Promise((resolve) => {
      receiver.onmessage = resolve;
    });
    const begun = performance.now();
    sender.send(new Uint8Array(FRAME_BYTES));
    await arrival;
    times.push(performance.now() - begun);
  }
  sender.close();
  receiver.close();
  server.kill();
  await server.exited;
  return times;
}
