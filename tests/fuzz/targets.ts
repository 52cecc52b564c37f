// Whom the hostile sockets play, and where. Sync refuses for a while whoever made workers trap a few times, and a document to
// which that happens often forgives nothing more: with one user in one document a long run would see refusals alone.
import { type Client, createClient } from '@hakiri/client/client';
import { CrdtType, encode, MessageType, UpdateStatusCode } from 'loro-protocol';
import type { Deployment } from '../deployments.ts';
import { Attacker, type Target } from './attacker.ts';
import { groundOfTraps } from './corpus.ts';

/** A team has 200 at most. */
const DOCUMENTS_LIMIT = 150;
const FRAMES_PER_DOCUMENT = 1_000;

export class Targets {
  readonly #deployment: Deployment;
  readonly #owner: Client;
  readonly #framesPerDocument: number;
  readonly #patienceMs: number;
  #document: Promise<string> | undefined;
  #documents = 0;
  #users = 0;

  constructor(deployment: Deployment, { frames, patienceMs }: { frames: number; patienceMs: number }) {
    const { url, ownerToken } = deployment.ready();
    this.#deployment = deployment;
    this.#patienceMs = patienceMs;
    this.#owner = createClient({ url, token: ownerToken });
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

  async #newToken(): Promise<string> {
    this.#users += 1;
    const body = { name: `fuzz ${this.#users}`, role: 'editor', ttlDays: 1 } as const;
    return (await this.#owner.auth.createToken(body)).token;
  }

  async #newDocument(doc: string): Promise<string> {
    const { url, team, ownerToken } = this.#deployment.ready();
    const response = await fetch(`${url}/v1/docs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ownerToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ doc }),
    });
    if (!response.ok) throw new Error(`the document to attack: ${await response.text()}`);
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
