// What is asked of a scratch host: work on a document as its log has it, beside the host where people edit it. Nothing of it
// reaches the document by itself.

import type { Version } from '@hakiri/config-doc/version';
import type { DocVersion } from '@hakiri/contracts/names';
import type { Notice } from '@hakiri/contracts/notice';
import type { RescueNote } from '../document/record.ts';
import type { HistoryIndex } from '../history/archives.ts';
import type { Ask } from './protocol.ts';
import type { Query, QueryName, QueryValue } from './queries.ts';
import type { ImportRefusal } from './update-check.ts';

type Counters = ReadonlyMap<`${number}`, number>;

export type ScratchCommands = {
  /** What the log holds. Has to come first. */
  read: Ask<
    { base: Uint8Array | undefined; entries: readonly Uint8Array[] },
    { counters: Counters; history: HistoryIndex }
  >;
  /** Drops history from what `base` gives afterwards; the tip has to be sealed. `roots`: see history/compaction.ts. */
  compact: Ask<
    { roots: readonly Uint8Array[] },
    {
      archive: Uint8Array;
      root: Uint8Array;
      /** Of the `roots`, how many are still needed. */
      keptRoots: number;
      rootVersion: DocVersion;
      tipVersion: DocVersion;
    }
  >;
  /** All of it as a base for the log; without `history` as it was. */
  base: Ask<{ history: HistoryIndex | undefined }, { base: Uint8Array }>;
  /** Reads a base back. */
  check: Ask<{ base: Uint8Array }, { counters: Counters; history: HistoryIndex }>;
  /** Reads the document as it was at a version. */
  readAt: Ask<{ version: Version; query: Query }, ReadAt>;
  /** Brings work from before the kept history in, in the scratch document. See history/rescue.ts. */
  rescue: Ask<
    {
      update: Uint8Array;
      user: string;
      atMs: number;
      /** Oldest first, up to what the document still has. */
      archives: readonly Uint8Array[];
      /** Never used. */
      fresh: `${number}`;
    },
    RescueOutcome
  >;
};

export type ScratchKind = keyof ScratchCommands;
export type ScratchCommand = { [K in ScratchKind]: { kind: K; input: ScratchInput<K> } }[ScratchKind];
export type ScratchInput<K extends ScratchKind> = ScratchCommands[K]['input'];
export type ScratchReply<K extends ScratchKind> = ScratchCommands[K]['reply'];

export type RescueOutcome =
  /** What the document gets, and what to log with it. */
  | { kind: 'merged'; update: Uint8Array }
  | {
      kind: 'rebased';
      update: Uint8Array | undefined;
      note: RescueNote;
      notices: Notice[];
      /** Under which `update` is written: one that the user's work was written under before, when it is free. */
      peer: `${number}`;
    }
  | { kind: 'nothing' | 'missing' | 'too_old' }
  /** Loro failed at what was handed in. */
  | { kind: 'broken'; error: string }
  | { kind: 'refused'; reason: ImportRefusal };

export type ReadAt =
  | { kind: 'read'; value: QueryValue<QueryName> }
  /** It names what the document does not have, or no moment that ever was. */
  | { kind: 'unknown' }
  /** That history was dropped. */
  | { kind: 'gone' };
