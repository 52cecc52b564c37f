// Whom the hostile sockets play, and where. Sync refuses for a while whoever made workers trap a few times, and a document to
// which that happens often forgives nothing more: with one user in one document a long run would see refusals alone.
import { type Client, createClient } from '@hakiri/client/client';
import { createSessionSource, type SessionStore } from '@hakiri/client/session';
import type { Session } from '@hakiri/contracts/auth';
import { CrdtType, encode, MessageType, UpdateStatusCode } from 'loro-protocol';
import type { Deployment } from '../deployments.ts';
import { Attacker, type Target } from './attacker.ts';
import { groundOfTraps } from './corpus.ts';

/** A team has 200 at most. */
const DOCUMENTS_LIMIT = 150;
const FRAMES_PER_DOCUMENT = 1_000;

export type TargetsOptions = { frames: number; patienceMs: number };

export class Targets {
  readonly #deployment: Deployment;
  readonly #owner: Client;
  readonly #framesPerDocument: number;
  readonly #patienceMs: number;
  #document: Promise<string> | undefined;
  #documents = 0;
  #users = 0;

  /** The owner's session is renewed, as a long run outlives its tokens. */
  static async open(deployment: Deployment, options: TargetsOptions): Promise<Targets> {
    const { url, terminalLink } = deployment.ready();
    const code = new URLSearchParams(new URL(terminalLink).hash.slice(1)).get('code') ?? '';
    let session: Session | undefined = await createClient({ url }).auth.redeem({ code });
    const store: SessionStore = {
      load: () => session,
      save: (next) => {
        session = next;
      },
    };
    const owner = createClient({ url, tokens: createSessionSource({ url, store }) });
    return new Targets(deployment, owner, options);
  }

  private constructor(deployment: Deployment, owner: Client, { frames, patienceMs }: TargetsOptions) {
    this.#deployment = deployment;
    this.#patienceMs = patienceMs;
    this.#owner = owner;
    this.#framesPerDocument = Math.max(FRAMES_PER_DOCUMENT, Math.ceil(frames / DOCUMENTS_LIMIT));
  }

  get counts(): { users: number; documents: number } {
    return { users: this.#users, documents: this.#documents };
  }

  /** Somebody new, in the document whose turn it is at frame `at`. */
  async take(at: number): Promise<Target> {
    const { url } = this.#deployment.ready();
    return { url, roomId: await this.roomAt(at), token: await this.#newToken() };
  }

  async roomAt(at: number): Promise<string> {
    while (this.#documents <= Math.floor(at / this.#framesPerDocument)) {
      this.#documents += 1;
      this.#document = this.#newDocument(`fuzzed-${this.#documents}`);
    }
    return (await this.#document) ?? '';
  }

  /** Somebody's who attacks nobody. */
  async editorToken(name: string): Promise<string> {
    return (await this.#owner.auth.createToken({ name, role: 'editor', ttlDays: 1 })).token;
  }

  #newToken(): Promise<string> {
    this.#users += 1;
    return this.editorToken(`fuzz ${this.#users}`);
  }

  async #newDocument(doc: string): Promise<string> {
    const { url, team } = this.#deployment.ready();
    await this.#owner.documents.create({ doc });
    const roomId = `${team}/${doc}`;
    const target = { url, roomId, token: await this.#newToken() };
    await layGround(new Attacker(target, this.#patienceMs), roomId);
    return roomId;
  }
}

async function layGround(attacker: Attacker, roomId: string): Promise<void> {
  await attacker.enter();
  const batchId = attacker.nextBatch();
  const address = { crdt: CrdtType.Loro, roomId };
  const frame = encode({ ...address, type: MessageType.DocUpdate, updates: [groundOfTraps()], batchId });
  const ending = await attacker.send(frame, { kind: 'acknowledged', batchId });
  if (ending.kind !== 'answered' || ending.status !== UpdateStatusCode.Ok)
    throw new Error(`the ground of the traps was not taken: ${JSON.stringify(ending)}`);
  attacker.end();
}
