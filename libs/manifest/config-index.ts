// What validation has to know of all pipelines together, kept up to date entry by entry, so that an Apply of one pipeline costs
// what one pipeline costs. It moves from one list to the next by what differs; its answers are those of an index made anew.
import type { PipelineDraft } from '@hakiri/contracts/config';
import { pipelineFacts } from './facts.ts';
import { NameIndex } from './name-index.ts';

export class ConfigIndex {
  readonly ids = new NameIndex<PipelineDraft>();
  readonly keys = new NameIndex<PipelineDraft>();
  readonly transformKeys = new NameIndex<PipelineDraft>();
  /** By the name of a variable that they refer to. */
  readonly users = new NameIndex<PipelineDraft>();
  /** By `kind target`. */
  readonly targets = new NameIndex<PipelineDraft>();
  /** With the id of the pipeline that each waits for. */
  readonly waiting = new Map<PipelineDraft, string>();
  /** With issues of their own. */
  readonly faulty = new Set<PipelineDraft>();
  /** With issues that stop nothing where they are live. */
  readonly faultyInValues = new Set<PipelineDraft>();
  /** Two of its own transforms have one key. */
  readonly repeatsItself = new Set<PipelineDraft>();
  private entries: ReadonlySet<PipelineDraft> = new Set();
  private list: readonly PipelineDraft[] = [];
  private positions: Map<PipelineDraft, number> | undefined;

  /** `entries` are canonical, each once. */
  moveTo(entries: readonly PipelineDraft[]): void {
    const now = new Set(entries);
    for (const entry of this.entries) if (!now.has(entry)) this.remove(entry);
    for (const entry of now) if (!this.entries.has(entry)) this.add(entry);
    this.entries = now;
    this.list = entries;
    this.positions = undefined;
  }

  positionOf(entry: PipelineDraft): number {
    this.positions ??= new Map(this.list.map((each, index) => [each, index]));
    return this.positions.get(entry) ?? -1;
  }

  inOrder(entries: Iterable<PipelineDraft>): PipelineDraft[] {
    const list = [...entries];
    return list.length < 2 ? list : list.sort((a, b) => this.positionOf(a) - this.positionOf(b));
  }

  private add(entry: PipelineDraft): void {
    const { issues, inValues, references, transformKeys, awaits, target } = pipelineFacts(entry);
    if (typeof entry.id === 'string' && entry.id !== '') this.ids.add(entry.id, entry);
    if (entry.key !== '') this.keys.add(entry.key, entry);
    for (const key of transformKeys) this.transformKeys.add(key, entry);
    for (const { name } of references) this.users.add(name, entry);
    if (target !== undefined) this.targets.add(`${target.kind} ${target.name}`, entry);
    if (awaits !== undefined) this.waiting.set(entry, awaits);
    if (issues.length > 0) this.faulty.add(entry);
    if (inValues.length > 0) this.faultyInValues.add(entry);
    if (transformKeys.length > 1 && new Set(transformKeys).size < transformKeys.length)
      this.repeatsItself.add(entry);
  }

  private remove(entry: PipelineDraft): void {
    const { references, transformKeys, target } = pipelineFacts(entry);
    if (typeof entry.id === 'string') this.ids.remove(entry.id, entry);
    this.keys.remove(entry.key, entry);
    for (const key of transformKeys) this.transformKeys.remove(key, entry);
    for (const { name } of references) this.users.remove(name, entry);
    if (target !== undefined) this.targets.remove(`${target.kind} ${target.name}`, entry);
    this.waiting.delete(entry);
    this.faulty.delete(entry);
    this.faultyInValues.delete(entry);
    this.repeatsItself.delete(entry);
  }
}
