// What a document's log says, read in one go: the Loro document, and beside it who may write under which peer id, who sent
// what, and where its older history lies. The live host and the scratch host begin with it.
import { type Base, decodeBase } from '../base.ts';
import { EMPTY_HISTORY, type HistoryIndex } from '../history/archives.ts';
import type { RescueLine } from '../history/rescue.ts';
import { decodeRecord, type LogRecord, type RescueNote, updateIn } from '../record.ts';
import { ConflictWatch } from './conflict-watch.ts';
import { Document, type DocumentLimits, SERVER_PEER } from './document.ts';
import { Leases } from './leases.ts';
import { LogNotes } from './log-notes.ts';
import type { Input } from './protocol.ts';
import { Receipts } from './receipts.ts';
import { readHeader, type Span, spansIn } from './update-header.ts';

export type LogState = {
  document: Document;
  conflicts: ConflictWatch;
  leases: Leases;
  receipts: Receipts;
  notes: LogNotes;
  history: HistoryIndex;
  rescues: RescueLine[];
  begunMs: number | undefined;
};

/** The last updates are looked at for conflicts again: a crash may have come before they were looked at, or told. */
const LOOK_AGAIN_UPDATES = 500;

/** @throws RecordError, or what Loro throws at a damaged log. */
export function readLog({ base, entries, holders = [] }: Input<'open'>, limits: DocumentLimits): LogState {
  const held: Partial<Base> = base === undefined ? {} : decodeBase(base);
  const records = entries.map(decodeRecord);
  let conflicts: ConflictWatch | undefined;
  const updates = records.flatMap((record) => updateIn(record) ?? []);
  const notes = new LogNotes(held);
  const document = Document.load(held.snapshot, updates, limits, {
    last: LOOK_AGAIN_UPDATES,
    onImported: (doc, spans) => {
      conflicts ??= new ConflictWatch(doc, notes.recorded);
      conflicts.saw(spans);
    },
  });
  const state: LogState = {
    document,
    conflicts: conflicts ?? new ConflictWatch(document.loro, notes.recorded),
    leases: new Leases(),
    receipts: new Receipts(),
    notes,
    history: held.history ?? EMPTY_HISTORY,
    rescues: [...(held.rescues ?? [])],
    begunMs: held.begunMs ?? records[0]?.receivedAtMs,
  };
  for (const lease of held.leases ?? []) state.leases.grant(lease);
  for (const receipt of held.receipts ?? []) state.receipts.add(receipt);
  for (const record of records) enter(state, record);
  for (const holder of holders) state.leases.hold(holder);
  return state;
}

/** Its peers are the user's, and it is on record that they sent it. */
export function enterReceived(
  { leases, receipts }: Pick<LogState, 'leases' | 'receipts'>,
  spans: readonly Span[],
  user: string,
  atMs: number,
): void {
  for (const span of spans) {
    leases.grant({ peer: span.peer, user });
    // An update may repeat what is another's. Under the server's own id many people write.
    const owner = span.peer === SERVER_PEER ? user : (leases.of(span.peer)?.user ?? user);
    receipts.add({ ...span, user: owner, atMs });
  }
}

function enter(state: LogState, record: LogRecord): void {
  state.notes.add(record);
  if (record.kind === 'lease') state.leases.grant(record.note);
  if (record.kind === 'rescued') state.rescues = withRescue(state.rescues, record.note);
  const update = updateIn(record);
  const header = update === undefined ? undefined : readHeader(update);
  if (header !== undefined) enterReceived(state, spansIn(header), record.actor.id, record.receivedAtMs);
}

function withRescue(lines: readonly RescueLine[], { line, replaces }: RescueNote): RescueLine[] {
  return [...lines.filter((one) => replaces === undefined || !isSameLine(one, replaces)), line];
}

function isSameLine(a: RescueLine, b: RescueLine): boolean {
  return a.ends === b.ends && a.at === b.at && a.after === b.after;
}
