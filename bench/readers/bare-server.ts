// The floor: a bare Bun.serve that writes the same bytes to every open event stream, and knows nothing.
const opening = new TextEncoder().encode('retry: 1000\n: connected\n\n');
const readers = new Set<ReadableStreamDefaultController<Uint8Array>>();

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  idleTimeout: 255,
  fetch: async (request) => {
    if (request.method === 'POST') {
      const bytes = new TextEncoder().encode(await request.text());
      for (const reader of readers) reader.enqueue(bytes);
      return new Response('');
    }
    let own: ReadableStreamDefaultController<Uint8Array> | undefined;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        own = controller;
        readers.add(controller);
        controller.enqueue(opening);
      },
      cancel: () => void (own && readers.delete(own)),
    });
    return new Response(stream, { headers: { 'content-type': 'text/event-stream' } });
  },
});
process.stdout.write(`${server.port}\n`);

export {};
