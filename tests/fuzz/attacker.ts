// One hostile socket: sends what it is given and waits for the answer that each thing has to get, or for the end.
import { CrdtType, decode, encode, type HexString, MessageType, type ProtocolMessage } from 'loro-protocol';
import { until } from '../people.ts';
import type { Expectation } from './mutations.ts';

/** A user and a document. */
export type Target = { url: string; token: string; roomId: string };
export type Ending =
  | { kind: 'closed'; code: number; reason: string }
  | { kind: 'answered'; status?: number; refusal?: string };

export class Attacker {
  readonly #patienceMs: number;
  #target: Target;
  #refusal: string | undefined;
  /** That was sent and not answered. */
  #underWay: Uint8Array | undefined;
  #socket: WebSocket | undefined;
  #heard: ProtocolMessage[] = [];
  #closed: { code: number; reason: string } | undefined;
  #wake: () => void = () => {};
  #batch = 0;
  #version = new Uint8Array();

  /** `patienceMs`: an answer may take this long. */
  constructor(target: Target, patienceMs: number) {
    this.#target = target;
    this.#patienceMs = patienceMs;
  }

  nextBatch(): HexString {
    this.#batch += 1;
    return `0x${this.#batch.toString(16).padStart(16, '0')}`;
  }

  get target(): Target {
    return this.#target;
  }

  /** Why it was not let in when it entered last. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  get underWay(): string {
    return Buffer.from(this.#underWay ?? []).toString('hex');
  }

  /** Elsewhere, or as somebody else. */
  async move(target: Target): Promise<void> {
    this.end();
    this.#target = target;
    this.#socket = undefined;
    this.#version = new Uint8Array();
    await this.enter();
  }

  /** Into the document and its presence, on a new socket when the last was closed. */
  async enter(): Promise<void> {
    if (this.#socket === undefined || this.#closed !== undefined) await this.#connect();
    this.#refusal = undefined;
    for (const crdt of [CrdtType.Loro, CrdtType.LoroEphemeralStore]) {
      const { roomId, token } = this.#target;
      const auth = new TextEncoder().encode(token);
      const version = crdt === CrdtType.Loro ? this.#version : new Uint8Array();
      const frame = encode({ type: MessageType.JoinRequest, crdt, roomId, auth, version });
      const ending = await this.send(frame, { kind: 'join_answered', crdt, roomId });
      // A document that is being loaded anew closes sockets that come at that moment.
      if (ending.kind === 'closed') return this.enter();
      if (crdt === CrdtType.Loro) this.#refusal = ending.refusal;
    }
  }

  async send(frame: Uint8Array, expectation: Expectation): Promise<Ending> {
    this.#heard = [];
    if (this.#closed !== undefined) return { kind: 'closed', ...this.#closed };
    this.#socket?.send(new Uint8Array(frame));
    if (expectation.kind === 'nothing') return { kind: 'answered' };
    this.#underWay = frame;
    const ending = await this.#answer(expectation);
    this.#underWay = undefined;
    return ending;
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  end(): void {
    this.#socket?.close();
  }

  async #answer(expectation: Expectation): Promise<Ending> {
    const deadline = performance.now() + this.#patienceMs;
    for (;;) {
      const answer = this.#heard.find((message) => answers(message, expectation));
      if (answer?.type === MessageType.Ack) return { kind: 'answered', status: answer.status };
      if (answer?.type === MessageType.JoinError) return { kind: 'answered', refusal: answer.message };
      if (answer !== undefined) return { kind: 'answered' };
      if (this.#closed !== undefined) return { kind: 'closed', ...this.#closed };
      const restMs = deadline - performance.now();
      if (restMs < 0) throw new Error(`no ${expectation.kind} after ${this.#patienceMs} ms`);
      await this.#woken(restMs);
    }
  }

  async #woken(limitMs: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, limitMs);
    });
    clearTimeout(timer);
  }

  async #connect(): Promise<void> {
    const socket = new WebSocket(`${this.#target.url.replace(/^http/, 'ws')}/v1/sync`);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#closed = undefined;
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string' || socket !== this.#socket) return;
      const message = decode(new Uint8Array(data));
      // What it need not be sent again at the next join.
      if (message.type === MessageType.JoinResponseOk && message.crdt === CrdtType.Loro)
        this.#version = new Uint8Array(message.version);
      this.#heard.push(message);
      this.#wake();
    };
    socket.onclose = ({ code, reason }) => {
      if (socket !== this.#socket) return;
      this.#closed = { code, reason };
      this.#wake();
    };
    await until('a socket opens', () => socket.readyState === WebSocket.OPEN || this.#closed !== undefined);
    if (this.#closed !== undefined) throw new Error('the server lets nobody in');
  }
}

function answers(message: ProtocolMessage, expectation: Expectation): boolean {
  if (expectation.kind === 'acknowledged')
    return message.type === MessageType.Ack && message.refId === expectation.batchId;
  if (expectation.kind !== 'join_answered') return false;
  return (
    (message.type === MessageType.JoinResponseOk || message.type === MessageType.JoinError) &&
    message.crdt === expectation.crdt &&
    message.roomId === expectation.roomId
  );
}
