// Deleted entities: which container stood under the key, and the draft that makes the entity anew as it was with the edit that was
// lost. Loro keeps merging into deleted containers, but its map has forgotten the key: the reverse of the deletion still tells it.

import { utf8 } from '@hakiri/base/bytes';
import { isRecord, type Json } from '@hakiri/base/json';
import { NOTICE_DRAFT_LIMIT_BYTES, type NoticeChoice } from '@hakiri/contracts/notice';
import { type ContainerID, type LoroDoc, LoroMap, LoroMovableList } from 'loro-crdt';
import { type Deletion, type DeletionRun, isNewer, type Ledger } from './conflicts-ledger.ts';
import { groupPathOf } from './groups.ts';
import { containerIn, entityRootOf } from './operations.ts';
import { fieldsOf, pipelineDraft, readTransform, transformDraft, variableDraft } from './read.ts';
import { entityOf, OWNER_FIELD } from './schema.ts';

/** `root/key` → the container that the run deleted. */
type Tops = ReadonlyMap<string, ContainerID>;

/** A reverse costs some milliseconds: past these an edit whose entity cannot be named is not told. */
const RUNS_LIMIT = 20;

export class DeletedEntities {
  private readonly tops = new Map<DeletionRun, Tops>();
  private readonly keys = new Map<ContainerID, string>();
  private readonly doc: LoroDoc;
  private readonly ledger: Ledger;

  constructor(doc: LoroDoc, ledger: Ledger) {
    this.doc = doc;
    this.ledger = ledger;
  }

  /** The key that a deleted entity's container stood under, when one of the ledger's deletions was its end. */
  keyOf(top: ContainerID): string | undefined {
    let tries = 0;
    for (const run of this.runsFor(top)) {
      if (this.keys.has(top) || tries === RUNS_LIMIT) break;
      if (!this.tops.has(run)) tries += 1;
      this.topsOf(run);
    }
    return this.keys.get(top);
  }

  /** The container of `root/key` that `deletion` was the end of; without one, the deletion that came last. */
  topOf(entity: string, deletion?: Deletion): ContainerID | undefined {
    const all = this.ledger.deletions.get(entity) ?? [];
    const newestFirst = all.toSorted((a, b) => (isNewer(a, b) ? -1 : 1));
    for (const { run } of deletion === undefined ? newestFirst : [deletion, ...newestFirst]) {
      const top = run === undefined ? undefined : this.topsOf(run).get(entity);
      if (top !== undefined) return top;
    }
    return undefined;
  }

  /** Undefined when it lives again, is of no such kind, or is too large to send. */
  restoring(entity: { root: string; key: string }, top: ContainerID): NoticeChoice | undefined {
    const draft = this.draftOf(entity, top);
    if (draft === undefined) return undefined;
    const isSmall = utf8(JSON.stringify(draft)).length <= NOTICE_DRAFT_LIMIT_BYTES;
    return isSmall ? { kind: 'restore', draft } : undefined;
  }

  private draftOf({ root, key }: { root: string; key: string }, top: ContainerID): unknown {
    if (root !== 'pipelines' && root !== 'transforms' && root !== 'variables') return undefined;
    if (this.doc.getMap(root).get(key) !== undefined) return undefined;
    const fields = fieldsOf(this.doc.getContainerById(top));
    if (root === 'variables') return variableDraft(key, fields);
    if (root === 'pipelines') {
      const transforms = this.transformsOf(key, fields.transforms);
      return pipelineDraft(key, fields, { group: groupPathOf(this.doc, fields.group), transforms });
    }
    const pipeline = fields[OWNER_FIELD];
    const isOwned = typeof pipeline === 'string' && entityOf(this.doc.getMap('pipelines'), pipeline);
    return isOwned ? { pipeline, ...transformDraft(key, fields) } : undefined;
  }

  /** Those that were deleted with it, and those that still stand. */
  private transformsOf(pipeline: string, list: Json | undefined): Json {
    if (!Array.isArray(list)) return list ?? null;
    const keys = new Set(list.filter((key) => typeof key === 'string'));
    return [...keys].flatMap((key) => {
      const live = readTransform(this.doc, key, pipeline);
      if (live !== undefined) return [live];
      const top = this.topOf(`transforms/${key}`);
      return top === undefined ? [] : [transformDraft(key, fieldsOf(this.doc.getContainerById(top)))];
    });
  }

  /** First those that what the entity says of itself points to: a transform its pipeline, a pipeline its transforms. */
  private *runsFor(top: ContainerID): Generator<DeletionRun> {
    const { deletions } = this.ledger;
    const fields = this.doc.getContainerById(top);
    const owner = fields instanceof LoroMap ? fields.get(OWNER_FIELD) : undefined;
    const list = fields instanceof LoroMap ? fields.get('transforms') : undefined;
    const names = list instanceof LoroMovableList ? list.toArray().map((key) => `transforms/${key}`) : [];
    for (const name of [`pipelines/${owner}`, ...names]) {
      for (const { run } of deletions.get(name) ?? []) if (run !== undefined) yield run;
    }
    for (const all of deletions.values()) for (const { run } of all) if (run !== undefined) yield run;
  }

  private topsOf(run: DeletionRun): Tops {
    const known = this.tops.get(run);
    if (known !== undefined) return known;
    const tops = new Map<string, ContainerID>();
    const { peer, first, last } = run;
    const before = run.isFirstOfChange ? [...run.deps] : [{ peer, counter: first - 1 }];
    for (const [container, diff] of this.doc.diff([{ peer, counter: last }], before, true)) {
      const root = entityRootOf(container);
      if (root === undefined || diff.type !== 'map' || !isRecord(diff.updated)) continue;
      for (const [key, value] of Object.entries(diff.updated)) {
        const top = containerIn(value);
        if (top === undefined) continue;
        tops.set(`${root}/${key}`, top);
        this.keys.set(top, key);
      }
    }
    this.tops.set(run, tops);
    return tops;
  }
}
