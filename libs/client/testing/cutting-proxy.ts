// Stands before a server and passes bytes on both ways, until a test cuts a connection.
import { connect, createServer, type Socket } from 'node:net';
import type { Prng } from '@hakiri/base/prng';
import { freePorts } from '@hakiri/testing/free-ports';

export async function startCuttingProxy(targetPort: number) {
  const [port = 0] = await freePorts(1);
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((here) => {
    const there = connect(targetPort, '127.0.0.1');
    const pair = [here, there] as const;
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
    here.pipe(there);
    there.pipe(here);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${port}`,
    /** Connections that are open. */
    get open(): number {
      return pairs.size;
    },
    /** One of them breaks. */
    cut(random: Prng): void {
      if (pairs.size === 0) return;
      for (const socket of random.pick([...pairs])) socket.destroy();
    },
    stop: (): void => void server.close(),
  };
}
