// A document as sync hosts it, with a log in memory, answering apply over the bus: no sockets, no worker and no disk.
import { decodeVersion } from '@hakiri/config-doc/version';
import type { Actor } from '@hakiri/contracts/envelope';
import { type SettleRequest, TouchedReply, type TouchedRequest } from '@hakiri/contracts/pending';
import { EditDocument, GetOutline, GetTouched, Materialize, SettleTouched } from '@hakiri/contracts/subjects';
import {
  type EditReply,
  type EditRequest,
  MaterializeReply,
  type MaterializeRequest,
} from '@hakiri/contracts/sync';
import type { Messaging } from '@hakiri/service/messaging';
import { DEFAULTS } from '@hakiri/sync/config';
import { type AppliedRecordNote, encodeRecord, isNewer, type LogRecord } from '@hakiri/sync/document/record';
import { planEdit } from '@hakiri/sync/document/server-edit';
import { HostedDocument } from '@hakiri/sync/host/hosted-document';
import { ScratchDocument } from '@hakiri/sync/host/scratch-document';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { LoroDoc } from 'loro-crdt';

const isTouchedReply = TypeCompiler.Compile(TouchedReply);
const isMaterializeReply = TypeCompiler.Compile(MaterializeReply);
const PERSON: Actor = { kind: 'user', id: 'carol' };

export class OracleDocument {
  #hosted: HostedDocument;
  #base: Uint8Array | undefined;
  #entries: Uint8Array[] = [];
  #applied: AppliedRecordNote | undefined;
  #peers = 0;
  #nowMs = 1_700_000_000_000;

  constructor() {
    this.#hosted = this.#open();
  }

  get version(): string {
    return this.#hosted.document.version();
  }

  get loro(): LoroDoc {
    return this.#hosted.document.loro;
  }

  /** Whether something that people alone read waits to be published, as the timers of sync are told it. */
  get isResting(): boolean {
    return this.#hosted.lookAtTouched().cosmetic !== 'none';
  }

  /** Of a crash: what was not logged is forgotten. With `isBased` the log begins with a base. */
  restart(isBased: boolean): void {
    this.#hosted.free();
    if (isBased) {
      const { scratch } = ScratchDocument.read(this.#log(), DEFAULTS);
      this.#base = scratch.base({ history: undefined }).base;
      scratch.free();
      this.#entries = [];
    }
    this.#hosted = this.#open();
  }

  /** As somebody's editor does it: an update of its own, under a peer id of its own. */
  write(edit: (doc: LoroDoc) => void): void {
    const doc = new LoroDoc();
    this.#peers += 1;
    doc.setPeerId(`${1_000 + this.#peers}`);
    doc.import(this.#hosted.document.snapshot());
    const before = doc.oplogVersion();
    edit(doc);
    doc.commit();
    const update = doc.export({ mode: 'update', from: before });
    before.free();
    doc.free();
    const atMs = this.#tick();
    const reply = this.#hosted.update({
      updates: [update],
      user: PERSON.id,
      connection: this.#peers,
      atMs,
    });
    if (reply.refusal !== undefined) throw new Error(`an editor's update was refused: ${reply.refusal}`);
    if (reply.news.length > 0) this.#record({ kind: 'update', update, actor: PERSON, receivedAtMs: atMs });
  }

  edit(request: EditRequest, actor: Actor): EditReply {
    const planned = planEdit(request);
    if (planned.kind === 'refused') return planned;
    const atMs = this.#tick();
    const { reply, updates } = this.#hosted.edit({ steps: planned.steps, actor, atMs });
    for (const update of updates) this.#record({ kind: 'update', update, actor, receivedAtMs: atMs });
    return reply;
  }

  /** It hears of a revision. */
  applied(note: AppliedRecordNote): void {
    this.#hosted.applied(note);
    if (!isNewer(note, this.#applied)) return;
    this.#applied = note;
    const actor = { kind: 'service', id: 'apply' } as const;
    this.#record({ kind: 'applied', note, actor, receivedAtMs: this.#tick() });
  }

  materialize(input: MaterializeRequest): MaterializeReply {
    const { value } = this.#hosted.query({ name: 'materialize', input });
    // The host answers in JSON, which goes to the bus as it is.
    const reply: unknown = value !== undefined && 'json' in value ? JSON.parse(value.json) : undefined;
    if (isMaterializeReply.Check(reply)) return reply;
    throw new Error('what is materialized is an answer');
  }

  touched(input: TouchedRequest): TouchedReply {
    const { value, version } = this.#hosted.query({ name: 'touched', input });
    const reply: unknown = { kind: 'page', version, ...(value instanceof Uint8Array ? {} : value) };
    if (isTouchedReply.Check(reply)) return reply;
    throw new Error('what was touched is an answer');
  }

  /** What was compared with an older revision than is known here says nothing any more. */
  settle({ at, sequence, ...settled }: SettleRequest): void {
    const version = decodeVersion(at);
    if (version === undefined || sequence < (this.#applied?.sequence ?? 0)) return;
    this.#hosted.settle({ at: version, ...settled });
  }

  free(): void {
    this.#hosted.free();
  }

  #log(): { base: Uint8Array | undefined; entries: readonly Uint8Array[] } {
    return { base: this.#base, entries: this.#entries };
  }

  #open(): HostedDocument {
    const { hosted, reply } = HostedDocument.open(this.#log(), DEFAULTS);
    if (reply.update !== undefined) {
      const actor = { kind: 'service', id: 'sync' } as const;
      this.#record({ kind: 'update', update: reply.update, actor, receivedAtMs: this.#tick() });
    }
    return hosted;
  }

  #record(record: LogRecord): void {
    this.#entries.push(encodeRecord(record));
  }

  #tick(): number {
    this.#nowMs += 1_000;
    return this.#nowMs;
  }
}

/** Answers for the documents of all teams, each of which has one. */
export function answerFor(messaging: Messaging, documents: ReadonlyMap<string, OracleDocument>): void {
  const of = (team: string): OracleDocument => {
    const document = documents.get(team);
    if (document === undefined) throw new Error(`nobody plays ${team}`);
    return document;
  };
  messaging.respond(Materialize, 'sync', 'sync', async ({ team, data }) => of(team).materialize(data));
  messaging.respond(GetTouched, 'sync', 'sync', async ({ team, data }) => of(team).touched(data));
  messaging.respond(EditDocument, 'sync', 'sync', async ({ team, data, actor }) =>
    of(team).edit(data, actor),
  );
  messaging.respond(SettleTouched, 'sync', 'sync', async ({ team, data }) => {
    of(team).settle(data);
    return {};
  });
  messaging.respond(GetOutline, 'sync', 'sync', async ({ team }) => ({
    version: of(team).version,
    pipelines: [],
    variables: [],
  }));
}
