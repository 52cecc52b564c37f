// A published manifest as far as it is new: which entries differ from those read before is found by their text, as most of a large
// manifest stays the same from one revision to the next. Of what was read two digests an entry are kept, and no text.
import { createHash } from 'node:crypto';
import type { PipelineConfig, VariableConfig } from '@hakiri/contracts/config';
import { readParts } from '@hakiri/manifest/split';
import { bodyOf } from './adopt-plan.ts';
import type { Body } from './store-schedules.ts';

export type Fresh = { pipeline: PipelineConfig; body: Body };

export type Read =
  | {
      kind: 'read';
      /** Digests of bodies that were read before and stand here again. */
      same: ReadonlySet<string>;
      fresh: Fresh[];
      variables: VariableConfig[];
      /** To be given to `remember` when it is in force. */
      entries: ReadEntries;
    }
  | { kind: 'unusable'; reason: string };

/** Digest of an entry's text → digest of the body that it means. */
type ReadEntries = ReadonlyMap<string, string>;

/** Of all teams: an entry takes some 250 bytes. The newest stays whole whatever its size. */
const ENTRIES_LIMIT = 100_000;

export type ManifestReader = ReturnType<typeof createManifestReader>;

export function createManifestReader(entriesLimit = ENTRIES_LIMIT) {
  /** The team longest not read first. */
  const byTeam = new Map<string, ReadEntries>();
  let size = 0;

  function forget(team: string): void {
    size -= byTeam.get(team)?.size ?? 0;
    byTeam.delete(team);
  }

  return {
    /** Yields between entries. */
    *read(team: string, toml: string): Generator<undefined, Read> {
      const before = byTeam.get(team);
      const entries = new Map<string, string>();
      const same = new Set<string>();
      const outcome = yield* readParts(toml, (block) => {
        if (before === undefined || !block.startsWith('[[pipeline]]')) return undefined;
        const text = digestOf(block);
        const body = before.get(text);
        if (body !== undefined) entries.set(text, body);
        return body;
      });
      if (outcome.kind === 'unusable') return outcome;
      const fresh: Fresh[] = [];
      const variables: VariableConfig[] = [];
      for (const part of outcome.parts) {
        if (part.kind === 'known') {
          same.add(part.known);
          continue;
        }
        const read = part.manifest.pipelines.map((pipeline) => ({ pipeline, body: bodyOf(pipeline) }));
        fresh.push(...read);
        variables.push(...part.manifest.variables);
        const [only] = read;
        if (only !== undefined && read.length === 1 && part.manifest.variables.length === 0)
          entries.set(digestOf(part.block), only.body.digest);
        yield;
      }
      return { kind: 'read', same, fresh, variables, entries };
    },

    remember(team: string, entries: ReadEntries): void {
      forget(team);
      byTeam.set(team, entries);
      size += entries.size;
      for (const oldest of byTeam.keys()) {
        if (size <= entriesLimit || oldest === team) break;
        forget(oldest);
      }
    },

    forget,
  };
}

function digestOf(block: string): string {
  return createHash('sha256').update(block).digest('base64');
}
