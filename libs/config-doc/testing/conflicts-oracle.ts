// The oracle: which conflicts an import has brought, by comparing every operation of the whole history with every other. It shares
// no code with the detector: who knew what comes from the dependencies of all changes, what is alive from all writes in order.
import { jsonEqual } from '@hakiri/base/json';
import type { Notice } from '@hakiri/contracts/notice';
import type { JsonOp, LoroDoc, PeerID, TreeID } from 'loro-crdt';

type Op = {
  id: string;
  peer: string;
  counter: number;
  order: bigint;
  past: Past;
  container: string;
  content: JsonOp['content'];
};
type Past = Map<string, number>;
type Span = { readonly peer: PeerID; readonly start: number; readonly end: number };
type Spot = { entity: string; top: string; path: string[] };

const TREE = 'cid:root-groups:Tree';

export class Oracle {
  private readonly base: LoroDoc;
  private readonly baseOps: Op[];

  constructor(base: LoroDoc) {
    this.base = base;
    this.baseOps = opsOf(base, undefined, []);
  }

  static textOf({ kind, id, entity, field, fields }: Notice): string {
    return `${kind} ${id} ${entity.root}/${entity.key} ${field} [${(fields ?? []).join(' ')}]`;
  }

  expect(host: LoroDoc, spans: readonly Span[]): string[] {
    return new Question([...this.baseOps, ...opsOf(host, this.base, this.baseOps)], host, spans).answer();
  }
}

/** All operations, each with everything its author knew. */
function opsOf(doc: LoroDoc, base: LoroDoc | undefined, before: readonly Op[]): Op[] {
  const since = base?.oplogVersion();
  const { changes } = doc.exportJsonUpdates(since, undefined, false);
  since?.free();
  const pasts = new Map<string, Past>(before.map(({ id, past }) => [id, past]));
  const ops: Op[] = [];
  for (const change of changes.sort((a, b) => a.lamport - b.lamport)) {
    const [start = '', peer = ''] = change.id.split('@');
    const past: Past = new Map();
    for (const dep of change.deps) {
      const [at = '', of = ''] = dep.split('@');
      // A dependency may lie inside an operation of many counters: the last that began before it knew the same.
      const whole =
        pasts.get(dep) ??
        [...before, ...ops].findLast((op) => op.peer === of && op.counter <= Number(at))?.past;
      for (const [p, count] of [...(whole ?? []), [of, Number(at) + 1] as const])
        past.set(p, Math.max(count, past.get(p) ?? 0));
    }
    for (const { counter, container, content } of change.ops) {
      const order = BigInt(change.lamport + counter - Number(start)) * 2n ** 64n + BigInt(peer);
      const op = {
        id: `${counter}@${peer}`,
        peer,
        counter,
        order,
        past: new Map(past).set(peer, counter),
        container,
        content,
      };
      pasts.set(op.id, op.past);
      ops.push(op);
    }
  }
  return ops;
}

const knew = (later: Op, earlier: Op) => earlier.counter < (later.past.get(earlier.peer) ?? 0);
const apart = (a: Op, b: Op) => a !== b && !knew(a, b) && !knew(b, a);
const last = (ops: readonly Op[]) => ops.reduce((a, b) => (b.order > a.order ? b : a));

class Question {
  private readonly ops: readonly Op[];
  private readonly host: LoroDoc;
  private readonly isNew: (op: Op) => boolean;
  private readonly writes = new Map<string, Op[]>();
  private readonly makers = new Map<string, Op>();
  private readonly deadGroups: Set<string>;

  constructor(ops: readonly Op[], host: LoroDoc, spans: readonly Span[]) {
    this.ops = ops;
    this.host = host;
    this.isNew = (op) =>
      spans.some(({ peer, start, end }) => peer === op.peer && op.counter >= start && op.counter < end);
    const live = new Set<string>(
      host
        .getTree('groups')
        .getNodes({ withDeleted: false })
        .map(({ id }) => id),
    );
    this.deadGroups = new Set();
    for (const op of ops) {
      const register = registerOf(op);
      if (register !== undefined) this.writes.set(register, [...(this.writes.get(register) ?? []), op]);
      if (
        'value' in op.content &&
        typeof op.content.value === 'string' &&
        op.content.value.startsWith('🦜:')
      ) {
        this.makers.set(op.content.value.slice('🦜:'.length), op);
      }
      if (op.container === TREE && 'target' in op.content && !live.has(op.content.target))
        this.deadGroups.add(op.content.target);
    }
  }

  answer(): string[] {
    return [...[...this.writes.keys()].flatMap((register) => this.collisions(register)), ...this.discarded()];
  }

  private collisions(register: string): string[] {
    const writes = this.writes.get(register) ?? [];
    const heads = writes.filter((op) => !writes.some((other) => knew(other, op)));
    if (heads.length < 2 || !heads.some(this.isNew)) return [];
    const won = last(heads);
    return heads.flatMap((lost) => {
      if (lost === won || !(this.isNew(won) || this.isNew(lost))) return [];
      const said = this.collision(won, lost);
      return said === undefined ? [] : [`${said.kind} ${won.id}-${lost.id} ${said.where} []`];
    });
  }

  private collision(won: Op, lost: Op): { kind: string; where: string } | undefined {
    const [wonIsEnd, lostIsEnd] = [won.content.type === 'delete', lost.content.type === 'delete'];
    if (won.container === TREE && 'target' in won.content) {
      const { target } = won.content;
      if (wonIsEnd) return lostIsEnd ? { kind: 'both_deleted', where: `groups/${target} ` } : undefined;
      if (this.deadGroups.has(target) || (!lostIsEnd && jsonEqual(written(won), written(lost))))
        return undefined;
      return { kind: 'same_field', where: `groups/${target} parent` };
    }
    if (!('key' in won.content)) return undefined;
    const { key } = won.content;
    const root = /^cid:root-(pipelines|transforms|variables):Map$/.exec(won.container)?.[1];
    if (root !== undefined) {
      if (wonIsEnd && lostIsEnd) {
        const owner = root === 'transforms' ? this.ownerOfKey(key) : undefined;
        const isTold = owner !== undefined && !this.isThere('cid:root-pipelines:Map', owner);
        return isTold ? undefined : { kind: 'both_deleted', where: `${root}/${key} ` };
      }
      if (!wonIsEnd && !lostIsEnd && Bun.deepEquals(this.content(won), this.content(lost))) return undefined;
      return { kind: wonIsEnd ? 'edit_discarded' : 'same_field', where: `${root}/${key} ` };
    }
    const spot = this.spotOf(won.container);
    if (spot === undefined || !this.isAlive(won.container)) return undefined;
    if (wonIsEnd === lostIsEnd && Bun.deepEquals(this.content(won), this.content(lost))) return undefined;
    return { kind: 'same_field', where: `${spot.entity} ${[...spot.path, key].join('.')}` };
  }

  /** Every edit against every deletion. */
  private discarded(): string[] {
    const deletions = this.ops.flatMap((op) => {
      if (op.content.type !== 'delete') return [];
      if (op.container === TREE && 'target' in op.content)
        return [{ op, entity: `groups/${op.content.target}` }];
      const root = /^cid:root-(pipelines|transforms|variables):Map$/.exec(op.container)?.[1];
      return root !== undefined && 'key' in op.content ? [{ op, entity: `${root}/${op.content.key}` }] : [];
    });
    const told = new Map<string, { d: Op; entity: string; edits: { op: Op; field: string }[] }>();
    for (const op of this.ops) {
      const hit = this.editOf(op);
      if (hit === undefined) continue;
      for (const { entities, prefix } of this.around(hit)) {
        const all = deletions.filter(({ op: d, entity }) => entities.includes(entity) && apart(op, d));
        if (all.length === 0) continue;
        const ends = all.filter(({ op: d }) => !all.some((other) => knew(other.op, d)));
        const d = last(ends.map((end) => end.op));
        const entity = ends.find((end) => end.op === d)?.entity ?? '';
        if (this.isNew(op) || ends.every((end) => this.isNew(end.op))) {
          const inner = entity === hit.entity ? [] : prefix;
          const name = `${d.id} ${op.peer}`;
          const group = told.get(name) ?? { d, entity, edits: [] };
          group.edits.push({ op, field: [...inner, ...hit.path].join('.') });
          told.set(name, group);
        }
        break;
      }
    }
    return [...told.values()].map(({ d, entity, edits }) => {
      const latest = edits.reduce((a, b) => (b.op.counter > a.op.counter ? b : a));
      const fields = [...new Set(edits.map(({ field }) => field))].sort().join(' ');
      return `edit_discarded ${d.id}-${latest.op.id} ${entity} ${latest.field} [${fields}]`;
    });
  }

  private editOf({ container, content }: Op): Spot | undefined {
    if (container === TREE) {
      if (!('target' in content) || content.type === 'delete') return undefined;
      return { entity: `groups/${content.target}`, top: `cid:${content.target}:Map`, path: ['parent'] };
    }
    const spot = this.spotOf(container);
    return spot && 'key' in content ? { ...spot, path: [...spot.path, content.key] } : spot;
  }

  private around({ entity, top }: Spot): { entities: string[]; prefix: string[] }[] {
    const [root = '', key = ''] = entity.split('/');
    if (root === 'groups') {
      if (!this.deadGroups.has(key)) return [];
      const entities: string[] = [];
      const tree = this.host.getTree('groups');
      let node = tree.getNodeByID(key as TreeID);
      for (; node !== undefined && !node.id.startsWith('2147483647@'); node = node.parent())
        entities.push(`groups/${node.id}`);
      return [{ entities, prefix: ['groups', key] }];
    }
    const owner = root === 'transforms' ? this.ownerOf(top) : undefined;
    const own = { entities: [entity], prefix: [] };
    return owner === undefined
      ? [own]
      : [{ entities: [`pipelines/${owner}`], prefix: ['transforms', key] }, own];
  }

  private spotOf(container: string): Spot | undefined {
    const path: string[] = [];
    for (let at = container; ; ) {
      const maker = this.makers.get(at);
      if (maker === undefined) {
        const group = /^cid:([0-9]+@[0-9]+):Map$/.exec(at)?.[1];
        return group === undefined ? undefined : { entity: `groups/${group}`, top: at, path };
      }
      if (!('key' in maker.content)) return undefined;
      const root = /^cid:root-(.*):Map$/.exec(maker.container)?.[1];
      if (root !== undefined) return { entity: `${root}/${maker.content.key}`, top: at, path };
      path.unshift(maker.content.key);
      at = maker.container;
    }
  }

  private isAlive(container: string): boolean {
    const maker = this.makers.get(container);
    if (maker === undefined) return !this.deadGroups.has(/^cid:(.*):Map$/.exec(container)?.[1] ?? '');
    const isCurrent = last(this.writes.get(registerOf(maker) ?? '') ?? [maker]) === maker;
    return isCurrent && (maker.container.startsWith('cid:root-') || this.isAlive(maker.container));
  }

  private isThere(container: string, key: string): boolean {
    const writes = this.writes.get(`${container} ${key}`) ?? [];
    return writes.length > 0 && last(writes).content.type !== 'delete';
  }

  private ownerOf(top: string): string | undefined {
    const writes = this.writes.get(`${top} pipeline`) ?? [];
    const value = writes.length === 0 ? undefined : written(last(writes));
    return typeof value === 'string' ? value : undefined;
  }

  private ownerOfKey(key: string): string | undefined {
    const top = [...this.makers].find(([, op]) => registerOf(op) === `cid:root-transforms:Map ${key}`)?.[0];
    return top === undefined ? undefined : this.ownerOf(top);
  }

  private content(op: Op): unknown {
    const value = written(op);
    if (typeof value !== 'string' || !value.startsWith('🦜:')) return value;
    const container = this.host.getContainerById(value.slice('🦜:'.length) as `cid:root-${string}:Map`);
    return container?.kind() === 'Map' && 'toJSON' in container ? container.toJSON() : String(container);
  }
}

function registerOf({ container, content }: Op): string | undefined {
  if (container === TREE) return 'target' in content ? `${TREE} ${content.target}` : undefined;
  return 'key' in content ? `${container} ${content.key}` : undefined;
}

function written({ content }: Op): string | number | boolean | null {
  if ('parent' in content) return content.parent ?? null;
  return 'value' in content ? (content.value as string) : null;
}
