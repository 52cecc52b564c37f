// The floor: a `Bun.serve` that passes each message to everybody else under the same path, and does nothing else at all.
const server = Bun.serve<{ room: string }>({
  hostname: '127.0.0.1',
  port: 0,
  fetch: (request, server) =>
    server.upgrade(request, { data: { room: new URL(request.url).pathname } })
      ? undefined
      : new Response('', { status: 400 }),
  websocket: {
    perMessageDeflate: false,
    open: (socket) => {
      socket.subscribe(socket.data.room);
    },
    message: (socket, data) => {
      socket.publish(socket.data.room, data);
    },
  },
});
process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${server.port}` })}\n`);
