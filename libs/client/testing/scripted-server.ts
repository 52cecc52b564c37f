// A small server of one document whose answers a test decides: joins refused with any code, peers leased, notices told, edits
// refused or never answered, work rescued or not. It is not hakiri-control, and proves nothing about it.
import { JoinExtra, JoinPayload } from '@hakiri/contracts/join';
import type { RescueReply } from '@hakiri/contracts/sync';
import { Decode } from '@sinclair/typebox/value';
import type { ServerWebSocket } from 'bun';
import { EphemeralStore, LoroDoc } from 'loro-crdt';
import {
  CrdtType,
  decode,
  encode,
  type HexString,
  JoinErrorCode,
  MessageType,
  type ProtocolMessage,
  UpdateStatusCode,
} from 'loro-protocol';

export type Script = {
  /** Undefined lets in. */
  refuseJoin?: (payload: JoinPayload) => string | undefined;
  peers?: string[];
  permission?: 'read' | 'write';
  /** What an update is answered with; undefined: nothing, ever. */
  answer?: (update: Uint8Array) => UpdateStatusCode | undefined;
  /** Answers leave when there are so many, in one write. */
  together?: number;
  /** Undefined: unavailable. */
  rescue?: (updates: Uint8Array) => RescueReply | Response | undefined;
};

export type ScriptedServer = ReturnType<typeof startScriptedServer>;

export function startScriptedServer(script: Script) {
  const state = { doc: new LoroDoc(), script };
  const news = new EphemeralStore(1_000_000_000);
  const payloads: JoinPayload[] = [];
  const members = new Map<ServerWebSocket<undefined>, Set<string>>();
  const answers: ProtocolMessage[] = [];
  let batch = 0;

  const nextBatch = (): HexString => {
    batch += 1;
    return `0x${batch.toString(16).padStart(16, '0')}`;
  };
  const tell = (socket: ServerWebSocket<undefined>, message: ProtocolMessage): void => {
    socket.send(encode(message).slice());
  };

  function join(
    socket: ServerWebSocket<undefined>,
    message: Extract<ProtocolMessage, { type: typeof MessageType.JoinRequest }>,
  ): void {
    const { crdt, roomId, auth } = message;
    const payload = Decode(JoinPayload, JSON.parse(new TextDecoder().decode(auth)));
    const refusal = crdt === CrdtType.Loro ? state.script.refuseJoin?.(payload) : undefined;
    if (crdt === CrdtType.Loro) payloads.push(payload);
    if (refusal !== undefined) {
      const code = JoinErrorCode.AppError;
      tell(socket, {
        type: MessageType.JoinError,
        crdt,
        roomId,
        code,
        message: refusal,
        appCode: refusal,
      });
      return;
    }
    members.get(socket)?.add(crdt);
    const extra: JoinExtra = Decode(JoinExtra, {
      server: 'scripted',
      protocol: [1, 1],
      loro: [1, 1],
      schema: [1, 1],
      user: 'ada',
      peers: state.script.peers ?? [],
    });
    tell(socket, {
      type: MessageType.JoinResponseOk,
      crdt,
      roomId,
      permission: state.script.permission ?? 'write',
      version: crdt === CrdtType.Loro ? state.doc.oplogVersion().encode() : new Uint8Array(),
      extra: new TextEncoder().encode(JSON.stringify(extra)),
    });
    const catchUp =
      crdt === CrdtType.Loro
        ? state.doc.export({ mode: 'snapshot' })
        : crdt === CrdtType.LoroEphemeralStorePersisted
          ? news.encodeAll()
          : undefined;
    if (catchUp)
      tell(socket, { type: MessageType.DocUpdate, crdt, roomId, updates: [catchUp], batchId: nextBatch() });
  }

  function receive(socket: ServerWebSocket<undefined>, data: Uint8Array): void {
    const message = decode(data);
    const { crdt, roomId } = message;
    if (message.type === MessageType.JoinRequest) join(socket, message);
    if (message.type !== MessageType.DocUpdate) return;
    let status: UpdateStatusCode | undefined = UpdateStatusCode.Ok;
    for (const update of message.updates) {
      if (crdt === CrdtType.LoroEphemeralStorePersisted) news.apply(update);
      if (crdt !== CrdtType.Loro) continue;
      status = state.script.answer ? state.script.answer(update) : UpdateStatusCode.Ok;
      if (status === UpdateStatusCode.Ok) state.doc.import(update);
    }
    if (status === undefined) return;
    answers.push({ type: MessageType.Ack, crdt, roomId, refId: message.batchId, status });
    if (answers.length < (state.script.together ?? 1)) return;
    socket.cork(() => {
      for (const answer of answers.splice(0)) tell(socket, answer);
    });
  }

  const server = Bun.serve<undefined>({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request, self) {
      const { pathname } = new URL(request.url);
      if (pathname === '/v1/sync')
        return self.upgrade(request, { data: undefined }) ? undefined : new Response();
      if (pathname.endsWith('/bytes')) return new Response(state.doc.export({ mode: 'snapshot' }).slice());
      const updates = new Uint8Array(await request.arrayBuffer());
      const reply = state.script.rescue?.(updates);
      if (reply instanceof Response) return reply;
      return reply ? Response.json(reply) : new Response('', { status: 503 });
    },
    websocket: {
      open: (socket) => void members.set(socket, new Set()),
      close: (socket) => void members.delete(socket),
      message(socket, data) {
        if (data === 'ping') socket.send('pong');
        else if (typeof data !== 'string') receive(socket, new Uint8Array(data));
      },
    },
  });

  return {
    url: `http://127.0.0.1:${server.port}`,
    /** Replace the document or the script as the test goes on. */
    state,
    news,
    /** Of the document's joins, in their order. */
    payloads,
    /** All connections break. */
    drop(): void {
      for (const socket of members.keys()) socket.terminate();
    },
    stop: () => server.stop(true),
  };
}
