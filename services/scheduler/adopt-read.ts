// A published manifest as far as it is new: which entries differ from those read before is found by their text, as most of a large
// manifest stays the same from one revision to the next. Of what was read two digests an entry are kept, and the bytes of the last one
// alone: next to them what is new is found without a look at the rest.
import { createHash } from 'node:crypto';
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import type { PipelineConfig, VariableConfig } from '@hakiri/contracts/config';
import { type Part, readParts } from '@hakiri/manifest/split';
import { type Apart, NOTHING_APART, splitNear } from '@hakiri/manifest/split-near';
import { bodyOf, type Fresh } from './adopt-plan.ts';

export type Read = ReadManifest | { kind: 'unusable'; reason: string };
export type ReadManifest = {
  kind: 'read';
  /** Digests of bodies that were read before and stand here again; of a large manifest as many as it has entries. */
  same(): ReadonlySet<string>;
  fresh: Fresh[];
  variables: VariableConfig[];
  /** While the manifest of this sequence is in force: keys of what stood there and is not the same. */
  since: { sequence: number; others: string[] } | undefined;
  /** To be given to `remember` when it is in force: all of it, and what is not and what is between the same ends. */
  manifest: Manifest | undefined;
  gone: readonly Said[];
  come: readonly Said[];
};

/** What a block of a manifest says, most often one pipeline; `text` is the digest of the block. */
type Said = {
  text: string;
  pipelines: readonly { key: string; body: string }[];
  variables: readonly VariableConfig[];
};
type Manifest = { apart: Apart; said: readonly Said[] };
/** Of one pipeline each, by the digest of its text. */
type ReadEntries = Map<string, Said>;

/** Of all teams: an entry takes some 400 bytes. The newest stays whole whatever its size. */
const ENTRIES_LIMIT = 100_000;
/** The manifest that was adopted last stays, for the next is most often near it. A larger one does not. */
const NEAR_LIMIT_BYTES = 64 * 1024 * 1024;

export type ManifestReader = ReturnType<typeof createManifestReader>;

export function createManifestReader(entriesLimit = ENTRIES_LIMIT) {
  /** The team longest not read first. */
  const byTeam = new Map<string, ReadEntries>();
  let size = 0;
  let near: (Manifest & { team: string; sequence: number }) | undefined;

  function forget(team: string): void {
    size -= byTeam.get(team)?.size ?? 0;
    byTeam.delete(team);
    if (near?.team === team) near = undefined;
  }

  return {
    /** Yields between entries. */
    *read(team: string, bytes: Uint8Array): Generator<undefined, Read> {
      const last = near?.team === team ? near : undefined;
      const before = byTeam.get(team);
      const split = yield* splitNear(bytes, last?.apart ?? NOTHING_APART);
      const each = yield* readEach(split.fresh, before);
      if (each === undefined) return yield* readWhole(bytes);
      const all = last?.said ?? [];
      const end = all.length - split.after;
      const gone = all.slice(split.before, end);
      const come = each.map((one) => one.said);
      const said = [...all.slice(0, split.before), ...come, ...all.slice(end)];
      const unknown = new Set(each.flatMap((one) => (one.kind === 'read' ? [one.said] : [])));
      const known = (): Said[] => said.filter((one) => !unknown.has(one));
      return {
        kind: 'read',
        same: () => bodiesOf(known()),
        fresh: each.flatMap((one) => (one.kind === 'read' ? one.fresh : [])),
        variables: variablesOf(said),
        since: last && { sequence: last.sequence, others: keysWithout(gone, known()) },
        manifest: { apart: split.apart, said },
        gone,
        come,
      };
    },

    remember(team: string, sequence: number, read: ReadManifest): void {
      const { manifest } = read;
      const isNext = near?.team === team && near.sequence === read.since?.sequence;
      const before = isNext ? byTeam.get(team) : undefined;
      if (near && near.apart.bytes !== manifest?.apart.bytes) letGo(near.apart.bytes);
      forget(team);
      for (const { text } of read.gone) before?.delete(text);
      const entries = before ? withEntries(before, read.come) : withEntries(new Map(), manifest?.said ?? []);
      byTeam.set(team, entries);
      size += entries.size;
      for (const oldest of byTeam.keys()) {
        if (size <= entriesLimit || oldest === team) break;
        forget(oldest);
      }
      const isKept = manifest !== undefined && manifest.apart.bytes.length <= NEAR_LIMIT_BYTES;
      near = isKept ? { ...manifest, team, sequence } : undefined;
    },

    forget,
  };
}

type EachRead = { kind: 'known'; said: Said } | { kind: 'read'; said: Said; fresh: Fresh[] };

/** Undefined when one of them says nothing by itself. */
function* readEach(
  blocks: readonly string[],
  before: ReadEntries | undefined,
): Generator<undefined, EachRead[] | undefined> {
  const each: EachRead[] = [];
  for (const block of blocks) {
    const text = digestOf(block);
    const said = block.startsWith('[[pipeline]]') ? before?.get(text) : undefined;
    if (said !== undefined) {
      each.push({ kind: 'known', said });
      yield;
      continue;
    }
    const read = yield* readParts(block, () => undefined);
    if (read.kind === 'unusable') return undefined;
    const fresh = freshOf(read.parts);
    each.push({ kind: 'read', said: { text, ...saidBy(read.parts, fresh) }, fresh });
    yield;
  }
  return each;
}

/** What does not come apart. */
function* readWhole(bytes: Uint8Array): Generator<undefined, Read> {
  const read = yield* readParts(fromUtf8(bytes), () => undefined);
  if (read.kind === 'unusable') return read;
  const fresh = freshOf(read.parts);
  const { variables } = saidBy(read.parts, fresh);
  return {
    kind: 'read',
    ...{ same: () => new Set(), fresh, variables: [...variables] },
    ...{ since: undefined, manifest: undefined, gone: [], come: [] },
  };
}

function freshOf(parts: readonly Part<undefined>[]): Fresh[] {
  return parts.flatMap((part) =>
    part.kind === 'read'
      ? part.manifest.pipelines.map((pipeline) => ({
          pipeline: scheduledOf(pipeline),
          body: bodyOf(pipeline),
        }))
      : [],
  );
}

/** Without what is large; and as a part of a text holds all of it in memory, its key is remembered as a text of its own. */
function scheduledOf({ key, id, enabled, schedule, placement }: PipelineConfig): Fresh['pipeline'] {
  return { key: fromUtf8(utf8(key)), id, enabled, schedule, placement };
}

function saidBy(parts: readonly Part<undefined>[], fresh: readonly Fresh[]): Omit<Said, 'text'> {
  return {
    pipelines: fresh.map(({ pipeline, body }) => ({ key: pipeline.key, body: body.digest })),
    variables: parts.flatMap((part) => (part.kind === 'read' ? part.manifest.variables : [])),
  };
}

function bodiesOf(said: readonly Said[]): Set<string> {
  const bodies = new Set<string>();
  for (const { pipelines } of said) for (const { body } of pipelines) bodies.add(body);
  return bodies;
}

function variablesOf(said: readonly Said[]): VariableConfig[] {
  const all: VariableConfig[] = [];
  for (const { variables } of said) for (const variable of variables) all.push(variable);
  return all;
}

/** Of what stood there and stands nowhere any more. */
function keysWithout(gone: readonly Said[], known: readonly Said[]): string[] {
  const bodies = bodiesOf(gone);
  if (bodies.size > 0)
    for (const { pipelines } of known) for (const { body } of pipelines) bodies.delete(body);
  return gone.flatMap(({ pipelines }) =>
    pipelines.filter(({ body }) => bodies.has(body)).map(({ key }) => key),
  );
}

function withEntries(entries: ReadEntries, said: readonly Said[]): ReadEntries {
  for (const one of said)
    if (one.pipelines.length === 1 && one.variables.length === 0) entries.set(one.text, one);
  return entries;
}

/** They were read for this reader alone. A dozen such would lie about before a collection took them. */
function letGo({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

function digestOf(block: string): string {
  return createHash('sha256').update(block).digest('base64');
}
