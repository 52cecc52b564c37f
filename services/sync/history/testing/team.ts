// A team that edits one document, compacts it now and then and loses sight of a laptop, from one seed. Beside it stands the truth:
// a document that is never compacted and gets every operation as it was made.
import type { Prng } from '@hakiri/base/prng';
import {
  createPipeline,
  deletePipeline,
  deleteVariable,
  moveToGroup,
  renamePipeline,
  setColumn,
  setEnabled,
  setSchedule,
  setSource,
  setTag,
  setText,
  setVariable,
} from '@hakiri/config-doc/edit';
import {
  addTransform,
  moveTransform,
  removeTransform,
  setTransform,
} from '@hakiri/config-doc/edit-transforms';
import { deleteGroup, moveGroup, renameGroup } from '@hakiri/config-doc/groups';
import { pipelineKeys, transformKeys } from '@hakiri/config-doc/read';
import { entityOf, groupsOf, OWNER_FIELD, pipelinesOf, transformsOf } from '@hakiri/config-doc/schema';
import type { Version } from '@hakiri/config-doc/version';
import { LoroDoc, LoroMap, LoroText, type PeerID } from 'loro-crdt';
import { compact, sealTip } from '../compaction.ts';
import { heldBy, updateSince } from '../document-version.ts';

const WORDS = ['orders', 'daily', 'clean up', 'größe', '🙂🙃', 'x'];

/** Numbers everything that is made, so that keys are as unique as ULIDs are. */
export type Names = { next: number };

/** One edit as a page makes it, or now and then what only a client with a shape of its own does. */
export function editAtRandom(doc: LoroDoc, random: Prng, names: Names): void {
  const name = `n${names.next++}`;
  const keys = pipelineKeys(doc);
  const key = keys.length > 0 ? random.pick(keys) : 'none';
  const transforms = transformKeys(doc, key);
  const transform = transforms.length > 0 ? random.pick(transforms) : 'none';
  const step = { kind: 'filter' as const, body: 'amount > 10', inputs: [] };
  const entity = () => entityOf(pipelinesOf(doc), key);
  const nodes = groupsOf(doc).getNodes({ withDeleted: false });
  const node = nodes.length > 0 ? random.pick(nodes).id : undefined;
  const path = () => random.pick(['', 'g', 'g/h', 'x', 'x/y', `new-${name}`]);
  const edits: (() => unknown)[] = [
    () => setSchedule(doc, key, { kind: 'every', expr: `${random.below(50)}m` }),
    () => setSource(doc, key, { kind: 'http', ref: name }),
    () =>
      setText(
        doc,
        key,
        random.pick(['name', 'description']),
        `${random.pick(WORDS)} ${random.below(99)} ${random.pick(WORDS)}`,
      ),
    () => insertText(doc, key, random),
    () => setEnabled(doc, key, random.next() < 0.5),
    () => setTag(doc, key, random.pick(WORDS), random.next() < 0.6),
    () => setColumn(doc, key, random.pick(WORDS), random.next() < 0.3 ? undefined : { type: name }),
    () => renamePipeline(doc, key, `id-${random.below(5)}`),
    () => moveToGroup(doc, key, path()),
    () =>
      createPipeline(
        doc,
        { id: name, group: path(), transforms: [{ ...step, key: `T${name}` }] },
        `P${name}`,
      ),
    () => keys.length > 2 && deletePipeline(doc, key),
    () => addTransform(doc, key, step, random.below(3), `T${name}`),
    () => addTransform(doc, key, step, undefined, `T${name}`),
    () => moveTransform(doc, key, transform, random.below(4)),
    () => removeTransform(doc, key, transform),
    () => setTransform(doc, key, transform, { body: `amount > ${random.below(100)}`, inputs: [name] }),
    () => setVariable(doc, { name: 'V', value: name }, `V${random.below(3)}`),
    () => random.next() < 0.3 && deleteVariable(doc, `V${random.below(3)}`),
    () => node !== undefined && renameGroup(doc, node, `g${random.below(9)}`),
    () => node !== undefined && moveGroup(doc, node, random.next() < 0.4 ? undefined : random.pick(nodes).id),
    () => node !== undefined && random.next() < 0.5 && deleteGroup(doc, node),
    () => transformsOf(doc).delete(transform),
    () => entityOf(transformsOf(doc), transform)?.set(OWNER_FIELD, random.pick([key, 'B', 7])),
    () => entity()?.set('source', 'text'),
    () => entity()?.setContainer('schedule', new LoroMap()).set('kind', name),
    () => doc.getMap('extra').set(name, { of: [1, name] }),
    () => doc.getMap('extra').ensureMergeableText('note').insert(0, name),
    () => random.next() < 0.3 && doc.getMap('extra').delete('note'),
  ];
  random.pick(edits)();
  doc.commit();
}

function insertText(doc: LoroDoc, key: string, random: Prng): void {
  const text = entityOf(pipelinesOf(doc), key)?.get('description');
  if (!(text instanceof LoroText)) return;
  // Between characters and not inside one.
  const before = [...text.toString()].slice(0, random.below(text.length + 1)).join('');
  text.insert(before.length, random.pick(WORDS));
}

const SERVER_PEER: PeerID = '1';

type Client = { doc: LoroDoc; peer: PeerID };

export class Team {
  readonly truth = new LoroDoc();
  live = new LoroDoc();
  archives: Uint8Array[] = [];
  readonly clients: Client[] = [];
  readonly names: Names = { next: 0 };
  readonly #random: Prng;
  #roots: Uint8Array[] = [];
  #peers = 10;
  #away: Client | undefined;

  constructor(random: Prng) {
    this.#random = random;
    this.live.setPeerId(SERVER_PEER);
    const first = this.join();
    for (const key of ['A', 'B', 'C'])
      createPipeline(first.doc, { id: key.toLowerCase(), group: 'g/h' }, key);
    first.doc.commit();
    this.send(first);
    this.join();
    this.join();
  }

  /** A fresh replica with what the live document has. */
  join(): Client {
    const doc = new LoroDoc();
    doc.import(this.live.export({ mode: 'snapshot' }));
    const peer: PeerID = `${this.#peers++}`;
    doc.setPeerId(peer);
    const client = { doc, peer };
    this.clients.push(client);
    return client;
  }

  /** Apart and sent now and then, so that much of it is concurrent. */
  edit(count: number): void {
    for (let index = 0; index < count; index++) {
      const client = this.#random.pick(this.clients);
      editAtRandom(client.doc, this.#random, this.names);
      if (this.#random.next() < 0.4) this.send(this.#random.pick(this.clients));
    }
  }

  send(client: Client): void {
    const before = heldBy(this.live);
    const update = updateSince(client.doc, before);
    this.live.import(update);
    this.truth.import(update);
    client.doc.import(updateSince(this.live, heldBy(client.doc)));
  }

  settle(): void {
    for (const client of this.clients) this.send(client);
    for (const client of this.clients) this.send(client);
  }

  /** One of the clients may be away meanwhile, but not twice in a row. */
  compact(): void {
    const away = this.#random.next() < 0.5 ? this.#random.pick(this.clients) : undefined;
    const here = this.clients.filter((client) => client !== away || client === this.#away);
    this.#away = here.length === this.clients.length ? undefined : away;
    for (const client of [...here, ...here]) this.send(client);
    const seal = sealTip(this.live);
    if (seal !== undefined) this.truth.import(seal);
    for (const client of here) this.send(client);
    const { archive, roots, live } = compact(this.live, this.#roots);
    this.archives.push(archive);
    this.#roots = roots;
    if (live === undefined) return;
    this.live.free();
    this.live = live;
    this.live.setPeerId(SERVER_PEER);
  }

  /** What the rescue wrote into the live document, as everybody else gets it: a normal delta. */
  broadcast(update: Uint8Array): boolean {
    return this.clients.every(({ doc }) => doc.import(update).pending === null);
  }

  free(): void {
    for (const doc of [this.truth, this.live, ...this.clients.map((client) => client.doc)]) doc.free();
  }
}

export class Laptop {
  readonly doc = new LoroDoc();
  readonly left: Version;

  constructor(team: Team, peer: PeerID) {
    this.doc.import(team.live.export({ mode: 'snapshot' }));
    this.doc.setPeerId(peer);
    this.left = heldBy(this.doc);
  }

  unsent(): Uint8Array {
    return updateSince(this.doc, this.left);
  }
}
