// A server's document and people with replicas of it who edit apart, each under a peer id of their own.
import type { Notice } from '@hakiri/contracts/notice';
import { LoroDoc, type PeerID, type TreeID } from 'loro-crdt';
import { ConflictTracker } from '../conflicts.ts';
import { createPipeline, deletePipeline, setSchedule, setVariable } from '../edit.ts';
import { ensureGroup } from '../groups.ts';
import { type Span, spansOf } from '../operations.ts';

export const NOW_MS = Date.UTC(2026, 0, 1, 12);
const PEERS: Record<string, PeerID> = { server: '1', alice: '10', bob: '11', carol: '12' };

/** What somebody does in their own replica. */
export type Change = (doc: LoroDoc) => unknown;

export const STEP = { kind: 'filter' as const, body: 'y', inputs: [] };
export const every =
  (expr: string): Change =>
  (doc) =>
    setSchedule(doc, 'A', { kind: 'every', expr });
export const drop: Change = (doc) => deletePipeline(doc, 'A');
export function group(doc: LoroDoc, path: string): TreeID {
  const id = ensureGroup(doc, path);
  if (id === undefined) throw new Error('a path is a group');
  return id;
}

export function authorOf(peer: PeerID): { user: string; atMs: number } | undefined {
  const user = Object.keys(PEERS).find((name) => PEERS[name] === peer);
  return user === undefined ? undefined : { user, atMs: NOW_MS - 1000 };
}

export class Stand {
  readonly host = new LoroDoc();
  tracker = new ConflictTracker(this.host);
  private readonly docs = new Map<string, LoroDoc>();

  /** Pipeline A with transform TA, B without, variable V, groups g and g/h. */
  constructor() {
    this.host.setPeerId('1');
    const step = { kind: 'filter' as const, body: 'x > 1', inputs: ['x'] };
    createPipeline(
      this.host,
      {
        id: 'a',
        schedule: { kind: 'every', expr: '1h' },
        transforms: [
          { ...step, key: 'TA' },
          { ...step, key: 'TB' },
        ],
      },
      'A',
    );
    createPipeline(this.host, { id: 'b' }, 'B');
    setVariable(this.host, { name: 'V', value: '1' }, 'V');
    ensureGroup(this.host, 'g/h');
    this.host.commit();
  }

  of(name: string): LoroDoc {
    const found = this.docs.get(name);
    if (found !== undefined) return found;
    const doc = new LoroDoc();
    doc.import(this.host.export({ mode: 'snapshot' }));
    doc.setPeerId(PEERS[name] ?? '99');
    this.docs.set(name, doc);
    return doc;
  }

  edit(name: string, change: (doc: LoroDoc) => unknown): void {
    change(this.of(name));
    this.of(name).commit();
  }

  /** What the server finds. */
  send(name: string): Notice[] {
    return this.detect(this.take(name));
  }

  take(name: string): Span[] {
    const since = this.host.oplogVersion();
    const { success } = this.host.import(this.of(name).export({ mode: 'update', from: since }));
    since.free();
    return spansOf(success);
  }

  detect(spans: readonly Span[], tracker: ConflictTracker = this.tracker): Notice[] {
    const detection = tracker.detect(spans, { authorOf, nowMs: NOW_MS });
    if (detection.kind === 'beyond') throw new Error('it is not that far back');
    return detection.notices;
  }

  /** Everybody has everything. */
  settle(): void {
    for (const name of this.docs.keys()) this.send(name);
    for (const doc of this.docs.values())
      doc.import(this.host.export({ mode: 'update', from: doc.oplogVersion() }));
  }
}

/** In one line. */
export const told = ({ kind, entity, field, fields, won, lost }: Notice): string =>
  `${kind} ${entity.root}/${entity.root === 'groups' ? entity.name : entity.key} ${fields?.join(' ') ?? field}: ${won.user} over ${lost.user}`;
