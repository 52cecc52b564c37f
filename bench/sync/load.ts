// The load: readers and writers in one document, each on a socket of its own, and what was written measured where it arrives.
// Edits are made ahead, so that while it runs the generator only sends, listens and counts.
import { quantile } from '../figures.ts';
import { type Document, emptyDocument, type Write } from './library.ts';
import { findMarkers, markerOf } from './marker.ts';
import { frameOf, RawSocket } from './socket.ts';
import type { Subject } from './subject.ts';

/** `nextPipeline`: each writer has one of its own, also those of a later load, whose edits would else be older than what is there. */
export type Place = { doc: string; document: Document; nextPipeline?: number };
export type Writer = { socket: RawSocket; room: string; write: Write; field: string; batch: number };

export type Measured = {
  edits: number;
  delivered: number;
  expected: number;
  p50: number;
  p99: number;
  worst: number;
  /** How late the generator itself was: where this is not small, the figures are the generator's. */
  lateP99: number;
  tookMs: number;
};

const SETTLE_LIMIT_MS = 5_000;
const JOINS_AT_ONCE = 50;

export class Load {
  readonly #subject: Subject;
  readonly #sockets: RawSocket[] = [];
  readonly writers: Writer[] = [];
  #sentAtMs = new Float64Array();
  /** Numbers go on from run to run: what still arrives of an earlier one is none of the next's. */
  #firstEdit = 0;
  #latencies: number[] = [];
  #delivered = 0;
  #awaited: { count: number; done(): void } | undefined;

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  get sockets(): readonly RawSocket[] {
    return this.#sockets;
  }

  async readers(count: number, place: Place): Promise<void> {
    for (let left = count; left > 0; left -= JOINS_AT_ONCE)
      await Promise.all(Array.from({ length: Math.min(left, JOINS_AT_ONCE) }, () => this.#join(place)));
  }

  /** Each on a pipeline of its own; they hear the others too. */
  async joinWriters(count: number, place: Place): Promise<void> {
    const isEmpty = place.document === emptyDocument;
    for (let left = count; left > 0; left--) {
      const socket = await this.#join(place);
      const pipeline = place.nextPipeline ?? 0;
      place.nextPipeline = pipeline + 1;
      const write = this.#subject.library.writer(place.document, isEmpty ? undefined : pipeline);
      const own = this.writers.length;
      socket.onFrame = (payload, atMs) => this.#hear(payload, atMs, own);
      // Of two who set one field knowing nothing of each other, Yjs passes on only the winner's.
      const field = isEmpty ? `field-${own}` : 'expr';
      this.writers.push({ socket, room: this.#subject.room(place.doc), write, field, batch: 0 });
    }
  }

  /** One at a time, at rest in between: how long the way is when nothing else is under way. */
  async oneByOne(edits: number, receivers: number, restMs: number): Promise<Measured> {
    const frames = this.#prepare(edits);
    const begun = performance.now();
    for (const [edit, send] of frames.entries()) {
      const arrived = this.#await((edit + 1) * receivers);
      this.#sentAtMs[edit] = performance.now();
      send();
      await within(`edit ${edit} reaches ${receivers} readers of ${this.#subject.name}`, arrived);
      await Bun.sleep(restMs);
    }
    return this.#measured(edits, edits * receivers, performance.now() - begun, [0]);
  }

  /** At a rate, whatever the server makes of it. `during` runs when everything is prepared, for as long as edits are sent. */
  async openLoop(
    perSecond: number,
    seconds: number,
    receivers: number,
    probe: { begin?(): Promise<void>; end?(): Promise<void> } = {},
  ): Promise<Measured> {
    const edits = Math.round(perSecond * seconds);
    const frames = this.#prepare(edits);
    const late: number[] = [];
    const everything = this.#await(edits * receivers);
    await probe.begin?.();
    const begun = performance.now();
    for (let edit = 0; edit < edits; ) {
      const now = performance.now();
      const due = Math.min(edits, Math.floor(((now - begun) / 1000) * perSecond) + 1);
      for (; edit < due; edit++) {
        const sentAt = performance.now();
        late.push(sentAt - (begun + (edit / perSecond) * 1000));
        this.#sentAtMs[edit] = sentAt;
        frames[edit]?.();
      }
      if (edit < edits) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const tookMs = performance.now() - begun;
    await Promise.race([everything, Bun.sleep(SETTLE_LIMIT_MS)]);
    await probe.end?.();
    return this.#measured(edits, edits * receivers, tookMs, late);
  }

  end(): void {
    for (const socket of this.#sockets) socket.end();
  }

  async #join({ doc, document }: Place): Promise<RawSocket> {
    const socket = await joinRaw(this.#subject, doc, document.version);
    socket.onFrame = (payload, atMs) => this.#hear(payload, atMs);
    this.#sockets.push(socket);
    return socket;
  }

  #prepare(edits: number): (() => void)[] {
    this.#firstEdit += this.#sentAtMs.length;
    this.#sentAtMs = new Float64Array(edits);
    this.#latencies = [];
    this.#delivered = 0;
    const wire = this.#subject.wire();
    return Array.from({ length: edits }, (_, edit) => {
      const writer = this.writers[edit % this.writers.length];
      if (writer === undefined) throw new Error('nobody writes');
      writer.batch += 1;
      const update = wire.update(
        writer.room,
        writer.write(markerOf(this.#firstEdit + edit), writer.field),
        writer.batch,
      );
      const frame = frameOf(update);
      return () => writer.socket.send(frame);
    });
  }

  /** `own`: which of the writers hears it. Hocuspocus tells the sender too, which is nobody's news. */
  #hear(payload: Buffer, atMs: number, own?: number): void {
    findMarkers(payload, (number) => {
      const edit = number - this.#firstEdit;
      if (edit < 0 || edit % this.writers.length === own) return;
      this.#delivered += 1;
      this.#latencies.push(atMs - (this.#sentAtMs[edit] ?? 0));
    });
    if (this.#awaited !== undefined && this.#delivered >= this.#awaited.count) this.#awaited.done();
  }

  #await(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#awaited = { count, done: resolve };
      if (count === 0) resolve();
    });
  }

  #measured(edits: number, expected: number, tookMs: number, late: number[]): Measured {
    const sorted = Float64Array.from(this.#latencies).sort();
    const at = (fraction: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? Number.NaN;
    return {
      edits,
      expected,
      delivered: this.#delivered,
      p50: at(0.5),
      p99: at(0.99),
      worst: at(1),
      lateP99: quantile(late, 0.99),
      tookMs,
    };
  }
}

/** @throws when it does not happen. */
async function within(what: string, event: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`waited ${SETTLE_LIMIT_MS} ms in vain until ${what}`)),
      SETTLE_LIMIT_MS,
    );
  });
  await Promise.race([event, timeout]).finally(() => clearTimeout(timer));
}

/** In the room, with nothing imported. */
export async function joinRaw(subject: Subject, doc: string, version?: Uint8Array): Promise<RawSocket> {
  const wire = subject.wire();
  const room = subject.room(doc);
  let welcome: () => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const welcomed = new Promise<void>((resolve, reject) => {
    welcome = resolve;
    fail = reject;
  });
  const socket = await RawSocket.open(`${subject.url()}${wire.path(room)}`, (payload) => {
    try {
      if (wire.isWelcome(payload)) welcome();
    } catch (error) {
      fail(error);
    }
  });
  socket.onClosed = () => fail(new Error(`${subject.name} closed a socket`));
  const hello = wire.hello(room, version);
  for (const frame of hello) socket.send(frameOf(frame));
  if (hello.length > 0) await welcomed;
  return socket;
}
