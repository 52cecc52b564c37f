// What a document's log says, read in one go: the Loro document, and beside it who may write under which peer id, who sent
// what, and where its older history lies. The live host and the scratch host begin with it.
import { decodeVersion } from '@hakiri/config-doc/version';
import { type Base, decodeBase } from '../document/base.ts';
import {
  type AppliedRecordNote,
  decodeRecord,
  type LogRecord,
  type RescueNote,
  updateIn,
} from '../document/record.ts';
import { EMPTY_HISTORY, type HistoryIndex } from '../history/archives.ts';
import type { RescueLine } from '../history/rescue.ts';
import { ConflictWatch } from './conflict-watch.ts';
import { Document, type DocumentLimits, SERVER_PEER } from './document.ts';
import { Leases } from './leases.ts';
import { LogNotes } from './log-notes.ts';
import type { Input } from './protocol.ts';
import { Receipts } from './receipts.ts';
import { type Logged, logged } from './replay.ts';
import { type Applied, Touched } from './touched.ts';
import { readHeader, type Span, spansIn } from './update-header.ts';

export type LogState = {
  document: Document;
  leases: Leases;
  receipts: Receipts;
  touched: Touched;
  notes: LogNotes;
  history: HistoryIndex;
  rescues: RescueLine[];
  begunMs: number | undefined;
};

/** `brought`: to the document. */
type Entry = { record: LogRecord; brought: Logged | undefined };

/** The last updates are looked at for conflicts again: a crash may have come before they were looked at, or told. */
const LOOK_AGAIN_UPDATES = 500;

/** @throws RecordError, or what Loro throws at a damaged log. */
export function readLog(content: Omit<Input<'open'>, 'holders'>, limits: DocumentLimits): LogState {
  return read(content, (snapshot, updates) => Document.load(snapshot, updates, limits));
}

/** With what is to be looked at for conflicts, for a document that people edit. @throws as `readLog` */
export function openLog(
  { holders = [], ...content }: Input<'open'>,
  limits: DocumentLimits,
): LogState & { conflicts: ConflictWatch } {
  let conflicts: ConflictWatch | undefined;
  const state = read(content, (snapshot, updates, { recorded }) =>
    Document.load(snapshot, updates, limits, {
      last: LOOK_AGAIN_UPDATES,
      onImported: (doc, spans) => {
        conflicts ??= new ConflictWatch(doc, recorded);
        conflicts.saw(spans);
      },
    }),
  );
  for (const holder of holders) state.leases.hold(holder);
  return { ...state, conflicts: conflicts ?? new ConflictWatch(state.document.loro, state.notes.recorded) };
}

type Load = (snapshot: Uint8Array | undefined, updates: readonly Logged[], notes: LogNotes) => Document;

function read({ base, entries }: Omit<Input<'open'>, 'holders'>, load: Load): LogState {
  const held: Partial<Base> = base === undefined ? {} : decodeBase(base);
  const records = entries.map(recordIn);
  const notes = new LogNotes(held);
  const document = load(
    held.snapshot,
    records.flatMap(({ brought }) => brought ?? []),
    notes,
  );
  const state: LogState = {
    document,
    leases: new Leases(),
    receipts: new Receipts(),
    touched: new Touched(held.touched),
    notes,
    history: held.history ?? EMPTY_HISTORY,
    rescues: [...(held.rescues ?? [])],
    begunMs: held.begunMs ?? records[0]?.record.receivedAtMs,
  };
  for (const lease of held.leases ?? []) state.leases.grant(lease);
  for (const receipt of held.receipts ?? []) state.receipts.add(receipt);
  for (const entry of records) enter(state, entry);
  if (base !== undefined && held.touched === undefined) state.touched.everything(document.counters);
  return state;
}

/** Its peers are the user's, and it is on record that they sent it. */
export function enterReceived(
  { leases, receipts, touched }: Pick<LogState, 'leases' | 'receipts' | 'touched'>,
  spans: readonly Span[],
  user: string,
  atMs: number,
): void {
  touched.saw(spans);
  for (const span of spans) {
    leases.grant({ peer: span.peer, user, atMs });
    // An update may repeat what is another's. Under the server's own id many people write.
    const owner = span.peer === SERVER_PEER ? user : (leases.of(span.peer)?.user ?? user);
    receipts.add({ ...span, user: owner, atMs });
  }
}

function recordIn(entry: Uint8Array): Entry {
  const record = decodeRecord(entry);
  const update = updateIn(record);
  return { record, brought: update === undefined ? undefined : logged(update) };
}

function enter(state: LogState, { record, brought }: Entry): void {
  state.notes.add(record);
  if (record.kind === 'applied') state.touched.applied(state.document.loro, takenBy(record.note));
  if (record.kind === 'lease') state.leases.grant(record.note);
  if (record.kind === 'rescued') state.rescues = withRescue(state.rescues, record.note);
  const header = brought === undefined ? undefined : (brought.scan ?? readHeader(brought.update));
  if (header !== undefined) enterReceived(state, spansIn(header), record.actor.id, record.receivedAtMs);
}

function withRescue(lines: readonly RescueLine[], { line, replaces }: RescueNote): RescueLine[] {
  return [...lines.filter((one) => replaces === undefined || !isSameLine(one, replaces)), line];
}

function isSameLine(a: RescueLine, b: RescueLine): boolean {
  return a.ends === b.ends && a.at === b.at && a.after === b.after;
}

export function takenBy({
  version,
  scope,
  minor = 0,
}: Pick<AppliedRecordNote, 'version' | 'scope' | 'minor'>): Applied {
  return { version: decodeVersion(version) ?? new Map(), scope, isMinor: minor > 0 };
}
