// Taking back one's own edits, step by step, and never what somebody else has written since.
//
// Loro's UndoManager is not used: taking back a map's key it sets the value from before also where somebody else has overwritten
// ours meanwhile, and it has no way to leave such a step out (undo.test.ts pins that). So a step is the versions before and after
// it, Loro says what differs between them, and of that all is written but what others have touched since.
import type { ContainerID, LoroDoc, LoroEventBatch, OpId, TreeID } from 'loro-crdt';
import { onDocument } from './document-events.ts';
import { createStore, type Store } from './store.ts';
import { type Inverse, planInverse, writeInverse } from './undo-inverse.ts';
import { nameOf, othersPlaces, type Path, placesOf } from './undo-places.ts';

export type UndoResult =
  | { kind: 'nothing' }
  | {
      kind: 'done';
      /** Whether anything was taken back. */
      isChanged: boolean;
      /** Left as they are: others have changed them since. */
      kept: readonly Path[];
      /** They, or what they were in, are deleted: there is nothing to take back. */
      gone: readonly Path[];
      /** Takes back what was left, too, as a step that can be undone. */
      anyway?: () => void;
    };

export type Undo = {
  can: Store<{ undo: boolean; redo: boolean }>;
  undo(): UndoResult;
  redo(): UndoResult;
  close(): void;
};

type Step = {
  /** Others' edits may have come between two parts. */
  parts: { before: OpId[]; after: OpId[] }[];
  /** What of others' edits was there when it was made. */
  clock: number;
  /** The one thing that it changed. */
  place: string | undefined;
  isText: boolean;
  atMs: number;
};

const STEPS_LIMIT = 100;
/** Letters typed one after the other are one step. */
const MERGE_MS = 800;
/** Past it the oldest are forgotten, and with them whether a step is still one's own: so all steps are. */
const TOUCHED_LIMIT = 200_000;
const PATHS_LIMIT = 20_000;
const ORIGIN = 'undo';

export function watchUndo(doc: LoroDoc, now: () => number = () => performance.now()): Undo {
  let done: Step[] = [];
  let undone: Step[] = [];
  /** Others' edits are counted; where each place was touched last. */
  let clock = 0;
  const touched = new Map<string, number>();
  /** The same of whatever is inside an entry: `pipelines` and a key. */
  const touchedInside = new Map<string, number>();
  /** Where containers stood when they were written to: of a deleted one Loro does not say. */
  const paths = new Map<ContainerID, Path>();
  /** Deleted groups that were made anew. */
  const moved = new Map<string, TreeID>();
  const can = createStore({ undo: false, redo: false });

  const unsubscribe = onDocument(doc, (batch) => {
    if (batch.by === 'import') noteOthers(batch);
    if (batch.by !== 'local') return;
    if (paths.size > PATHS_LIMIT) paths.clear();
    for (const { target, path } of batch.events) paths.set(target, path.map(String));
    if (batch.origin !== ORIGIN) noteOwn(batch);
  });

  function noteOthers({ events }: LoroEventBatch): void {
    if (done.length + undone.length === 0) return;
    clock += 1;
    for (const place of events.flatMap((event) => othersPlaces(doc, event))) {
      touched.set(nameOf(place), clock);
      if (place.length > 2) touchedInside.set(nameOf(place.slice(0, 2)), clock);
    }
    if (touched.size <= TOUCHED_LIMIT) return;
    touched.clear();
    touchedInside.clear();
    [done, undone] = [[], []];
    tell();
  }

  function noteOwn({ events, from, to }: LoroEventBatch): void {
    const places = events.flatMap(placesOf);
    const [first] = places;
    const place = places.length === 1 && first ? nameOf(first) : undefined;
    const isText = events.every(({ diff }) => diff.type === 'text');
    const step: Step = { parts: [{ before: from, after: to }], clock, place, isText, atMs: now() };
    const last = done.at(-1);
    if (last && undone.length === 0 && goesOn(last, step)) join(last, step);
    else done = [...done, step].slice(-STEPS_LIMIT);
    undone = [];
    tell();
  }

  function goesOn(last: Step, step: Step): boolean {
    if (step.place === undefined || last.place !== step.place || step.atMs - last.atMs > MERGE_MS)
      return false;
    return step.isText || (touched.get(step.place) ?? 0) <= last.clock;
  }

  function join(last: Step, { parts, clock: at, atMs }: Step): void {
    const [end, begin] = [last.parts.at(-1), parts[0]];
    if (end && begin && isSame(end.after, begin.before)) end.after = begin.after;
    else last.parts.push(...parts);
    last.clock = at;
    last.atMs = atMs;
  }

  function take(from: Step[], to: Step[]): UndoResult {
    const step = from.pop();
    if (!step) return { kind: 'nothing' };
    const facts = {
      isOthers: (path: Path) => isTouchedSince(path, step.clock),
      isPlacedByOthers: (item: Path) => (touched.get(nameOf(item)) ?? 0) > step.clock,
      pathOf: (container: ContainerID) =>
        paths.get(container) ?? doc.getPathToContainer(container)?.map(String),
      moved,
    };
    const [kept, keptPaths, gone]: [Inverse[], Path[], Path[]] = [[], [], []];
    const begin = doc.frontiers();
    for (const part of step.parts.toReversed()) {
      const plan = planInverse(doc, part, facts);
      writeInverse(doc, plan.write, moved);
      doc.commit({ origin: ORIGIN });
      kept.push(plan.kept);
      keptPaths.push(...plan.keptPaths);
      gone.push(...plan.gonePaths);
    }
    const isChanged = !isSame(begin, doc.frontiers());
    if (isChanged) to.push(stepFrom(begin));
    tell();
    const anyway = (): void => {
      const before = doc.frontiers();
      for (const inverse of kept) writeInverse(doc, inverse, moved);
      doc.commit({ origin: ORIGIN });
      if (!isSame(before, doc.frontiers())) done.push(stepFrom(before));
      undone = [];
      tell();
    };
    return { kind: 'done', isChanged, kept: keptPaths, gone, ...(keptPaths.length > 0 ? { anyway } : {}) };
  }

  function stepFrom(before: OpId[]): Step {
    const parts = [{ before, after: doc.frontiers() }];
    return { parts, clock, place: undefined, isText: false, atMs: now() };
  }

  /** There, in something around it, or in something inside it. */
  function isTouchedSince(path: Path, since: number): boolean {
    for (let length = path.length; length > 1; length -= 1)
      if ((touched.get(nameOf(path.slice(0, length))) ?? 0) > since) return true;
    return path.length === 2 && (touchedInside.get(nameOf(path)) ?? 0) > since;
  }

  function tell(): void {
    const next = { undo: done.length > 0, redo: undone.length > 0 };
    const before = can.get();
    if (next.undo !== before.undo || next.redo !== before.redo) can.set(next);
  }

  return {
    can,
    undo: () => take(done, undone),
    redo: () => take(undone, done),
    close: unsubscribe,
  };
}

function isSame(a: readonly OpId[], b: readonly OpId[]): boolean {
  const text = (ids: readonly OpId[]): string =>
    ids
      .map(({ peer, counter }) => `${counter}@${peer}`)
      .sort()
      .join();
  return text(a) === text(b);
}
