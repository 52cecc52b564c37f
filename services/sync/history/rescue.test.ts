import { expect, test } from 'bun:test';
import { createPipeline, moveToGroup, setSchedule, setText } from '@hakiri/config-doc/edit';
import { ensureGroup, renameGroup } from '@hakiri/config-doc/groups';
import { readConfig, readPipeline } from '@hakiri/config-doc/read';
import { decodeVersion, encodeVersion } from '@hakiri/config-doc/version';
import { LoroDoc, type PeerID } from 'loro-crdt';
import { compact, sealTip } from './compaction.ts';
import { heldBy, isTooOld, updateSince } from './document-version.ts';
import { keptLines, type RescueLine, rescue } from './rescue.ts';

/** A document on its way through compactions, with what is kept beside it. */
class Stand {
  live = new LoroDoc();
  archives: Uint8Array[] = [];
  lines: RescueLine[] = [];
  #roots: Uint8Array[] = [];

  constructor() {
    this.live.setPeerId('1');
    createPipeline(this.live, { id: 'a', description: 'one two' }, 'A');
    createPipeline(this.live, { id: 'b', group: 'g' }, 'B');
    this.live.commit();
    this.compact();
  }

  edit(expr: string): void {
    setSchedule(this.live, 'A', { kind: 'every', expr });
    this.live.commit();
  }

  compact(): void {
    sealTip(this.live);
    const { archive, roots, live } = compact(this.live, this.#roots);
    this.archives.push(archive);
    this.#roots = roots;
    this.live = live ?? this.live;
    this.live.setPeerId('1');
  }

  /** So often that who is not here is from before the history that is kept. */
  goOn(): void {
    for (const expr of ['1h', '2h']) {
      this.edit(expr);
      this.compact();
    }
  }

  replica(peer: PeerID): { doc: LoroDoc; unsent(): Uint8Array } {
    const doc = new LoroDoc();
    doc.import(this.live.export({ mode: 'snapshot' }));
    doc.setPeerId(peer);
    const left = heldBy(doc);
    return { doc, unsent: () => updateSince(doc, left) };
  }

  rescue(update: Uint8Array, peers: readonly PeerID[] = ['42', '43']) {
    const { live, archives, lines } = this;
    const result = rescue({ live, archives, update, peers, lines });
    if (result.kind === 'rebased')
      this.lines = [...lines.filter((line) => line !== result.replaces), result.line];
    return result;
  }
}

test('[SY7.4] work from before the history arrives, under the peer id of the same user', () => {
  const stand = new Stand();
  const { doc, unsent } = stand.replica('77');
  stand.goOn();
  const other = stand.replica('20');
  setText(doc, 'A', 'description', 'one and two');
  moveToGroup(doc, 'B', 'new/group');
  createPipeline(doc, { id: 'n' }, 'N');
  doc.commit();
  const before = heldBy(stand.live);
  expect(() => stand.live.import(unsent())).toThrow('shallow history');
  const result = stand.rescue(unsent());
  if (result.kind !== 'rebased' || result.update === undefined) throw new Error(result.kind);
  expect(result.peer).toBe('42');
  expect(stand.live.peerIdStr).toBe('1');
  expect(
    [...heldBy(stand.live)].filter(([peer, end]) => before.get(peer) !== end).map(([peer]) => peer),
  ).toEqual(['42']);
  expect(readPipeline(stand.live, 'A')).toMatchObject({
    description: 'one and two',
    schedule: { kind: 'every', expr: '2h' },
  });
  expect(readPipeline(stand.live, 'B')).toMatchObject({ group: 'new/group' });
  expect(readPipeline(stand.live, 'N')).toMatchObject({ id: 'n' });
  expect(other.doc.import(result.update).pending).toBeNull();
  expect(readConfig(other.doc)).toEqual(readConfig(stand.live));
});

test('[SY7.4] who hands in all it has, with what others sent before they were rescued, loses nothing', () => {
  const stand = new Stand();
  const laptop = stand.replica('88');
  createPipeline(laptop.doc, { id: 'sent' }, 'S');
  laptop.doc.commit();
  stand.live.import(laptop.unsent());
  const stock = stand.replica('77');
  const sent = heldBy(laptop.doc);
  createPipeline(laptop.doc, { id: 'l' }, 'L');
  createPipeline(stock.doc, { id: 'n' }, 'N');
  for (const { doc } of [laptop, stock]) doc.commit();
  stand.goOn();
  expect(stand.rescue(updateSince(laptop.doc, sent)).kind).toBe('rebased');
  stand.goOn();
  expect(stand.rescue(stock.doc.export({ mode: 'update' }), ['44', '45']).kind).toBe('rebased');
  expect(readPipeline(stand.live, 'N')).toMatchObject({ id: 'n' });
  expect(stand.rescue(stock.doc.export({ mode: 'update' }))).toEqual({ kind: 'nothing' });
});

test('[SY7.4] what needs no rescue is imported as it came', () => {
  const stand = new Stand();
  const { doc, unsent } = stand.replica('77');
  stand.edit('1h');
  createPipeline(doc, { id: 'n' }, 'N');
  doc.commit();
  const result = stand.rescue(unsent());
  expect(result.kind).toBe('merged');
  expect(heldBy(stand.live).get('77')).toBe(heldBy(doc).get('77'));
  expect(stand.rescue(unsent())).toEqual({ kind: 'nothing' });
});

test('[SY7.4] a group that others deleted and that comes back brings its pipelines back', () => {
  const stand = new Stand();
  const group = ensureGroup(stand.live, 'g');
  if (group === undefined) throw new Error('it is there');
  const { doc, unsent } = stand.replica('77');
  const truth = stand.replica('99').doc;
  const from = heldBy(stand.live);
  stand.live.getTree('groups').delete(group);
  stand.live.commit();
  truth.import(updateSince(stand.live, from));
  stand.goOn();
  // Later in the order that Loro has, so the move outlives the deletion.
  for (let index = 0; index < 200; index++) renameGroup(doc, group, `g${index}`);
  const parent = doc.getTree('groups').createNode();
  parent.data.set('name', 'top');
  doc.getTree('groups').move(group, parent.id);
  doc.commit();
  truth.import(unsent());
  expect(readPipeline(truth, 'B')).toMatchObject({ group: 'top/g199' });
  expect(stand.rescue(unsent()).kind).toBe('rebased');
  expect(readPipeline(stand.live, 'B')).toMatchObject({ group: 'top/g199' });
});

test('[SY7.4] who loses is to be seen in the merge, and of two that come back the first one wins', () => {
  const stand = new Stand();
  const [one, two] = [stand.replica('77'), stand.replica('78')];
  stand.goOn();
  for (const [index, { doc }] of [one, two].entries()) {
    setSchedule(doc, 'B', { kind: 'every', expr: `${index}m` });
    setText(doc, 'A', 'description', `one ${index} two`);
    doc.commit();
  }
  const { archives } = stand;
  const seen: [number, number][] = [];
  for (const { doc, unsent } of [one, two]) {
    const result = rescue({
      live: stand.live,
      archives,
      update: unsent(),
      peers: ['42'],
      lines: stand.lines,
      onMerged: (merged, before) => {
        const peer = doc.peerIdStr;
        seen.push([before.get(peer) ?? 0, heldBy(merged).get(peer) ?? 0]);
      },
    });
    expect(result.kind).toBe('rebased');
  }
  expect(seen).toEqual([
    [0, heldBy(one.doc).get('77') ?? 0],
    [0, heldBy(two.doc).get('78') ?? 0],
  ]);
  expect(readPipeline(stand.live, 'B')).toMatchObject({ schedule: { expr: '0m' } });
  const description = String(readPipeline(stand.live, 'A')?.description);
  expect(description).toContain('0');
  expect(description).toContain('1');
});

test('[SY7.5] handed in again it does nothing; what was added since arrives beside what others did with the first part', () => {
  const stand = new Stand();
  const laptop = stand.replica('77');
  stand.goOn();
  createPipeline(laptop.doc, { id: 'n', description: 'middle' }, 'N');
  laptop.doc.commit();
  expect(stand.rescue(laptop.unsent()).kind).toBe('rebased');
  const held = heldBy(stand.live);
  expect(stand.rescue(laptop.unsent())).toEqual({ kind: 'nothing' });
  expect(heldBy(stand.live)).toEqual(held);
  // The answer was lost. Others go on with the rescued pipeline, a compaction passes, and the laptop goes on with its own.
  setText(stand.live, 'N', 'description', 'middle end');
  stand.live.commit();
  stand.compact();
  setText(laptop.doc, 'N', 'description', 'start middle');
  setSchedule(laptop.doc, 'N', { kind: 'every', expr: '5m' });
  laptop.doc.commit();
  const result = stand.rescue(laptop.unsent());
  expect(result.kind).toBe('rebased');
  expect(stand.lines).toHaveLength(1);
  expect(readPipeline(stand.live, 'N')).toMatchObject({
    description: 'start middle end',
    schedule: { kind: 'every', expr: '5m' },
  });
  expect(stand.rescue(laptop.unsent())).toEqual({ kind: 'nothing' });
});

test('[SY7.5] the rest takes another peer id when the first one went on meanwhile', () => {
  const stand = new Stand();
  const [one, two] = [stand.replica('77'), stand.replica('78')];
  stand.goOn();
  for (const [index, { doc, unsent }] of [one, two].entries()) {
    createPipeline(doc, { id: `n${index}` }, `N${index}`);
    doc.commit();
    expect(stand.rescue(unsent())).toMatchObject({ kind: 'rebased', peer: '42' });
  }
  setText(one.doc, 'N0', 'name', 'zero');
  one.doc.commit();
  expect(stand.rescue(one.unsent())).toMatchObject({ kind: 'rebased', peer: '43' });
  expect(readPipeline(stand.live, 'N0')).toMatchObject({ name: 'zero' });
  expect(readPipeline(stand.live, 'N1')).toMatchObject({ id: 'n1' });
});

test('[SY7.5] what cannot be rebased for sure is said to be too old, and the document stays as it is', () => {
  const stand = new Stand();
  const laptop = stand.replica('77');
  stand.goOn();
  createPipeline(laptop.doc, { id: 'n' }, 'N');
  laptop.doc.commit();
  const held = heldBy(stand.live);
  const update = laptop.unsent();
  const { live } = stand;
  const without = (archives: readonly Uint8Array[]) =>
    rescue({ live, archives, update, peers: ['42'], lines: [] });
  expect(without([])).toEqual({ kind: 'too_old' });
  expect(without(stand.archives.slice(-1))).toEqual({ kind: 'too_old' });
  expect(heldBy(stand.live)).toEqual(held);
  // The rest of a rescue that lies before the history by now.
  expect(stand.rescue(update).kind).toBe('rebased');
  stand.goOn();
  setText(laptop.doc, 'N', 'name', 'later');
  laptop.doc.commit();
  const line = stand.lines[0];
  expect(isTooOld(stand.live, decodeVersion(line?.after ?? '') ?? new Map())).toBe(true);
  expect(stand.rescue(laptop.unsent())).toEqual({ kind: 'too_old' });
  // And what builds on two rescues.
  const both = {
    ...stand.lines[0],
    ends: encodeVersion(new Map([['77', 1]])),
    at: line?.at ?? '',
    after: '',
  };
  stand.lines = [...stand.lines, both];
  expect(stand.rescue(laptop.unsent())).toEqual({ kind: 'too_old' });
});

test('[SY7.5] parts and other things than updates change nothing', () => {
  const stand = new Stand();
  const laptop = stand.replica('77');
  stand.goOn();
  createPipeline(laptop.doc, { id: 'n' }, 'N');
  laptop.doc.commit();
  const middle = heldBy(laptop.doc);
  setText(laptop.doc, 'N', 'name', 'later');
  laptop.doc.commit();
  const held = heldBy(stand.live);
  expect(stand.rescue(updateSince(laptop.doc, middle))).toEqual({ kind: 'missing' });
  expect(stand.rescue(new Uint8Array([1, 2, 3]))).toEqual({ kind: 'refused', reason: 'malformed' });
  expect(stand.rescue(laptop.doc.export({ mode: 'snapshot' }))).toEqual({
    kind: 'refused',
    reason: 'not_an_update',
  });
  expect(heldBy(stand.live)).toEqual(held);
});

test('[SY7.5] a line is kept for as long as an archive reaches back to it', () => {
  const version = (counter: number) => encodeVersion(new Map([['1', counter]]));
  const line = { ends: version(1), at: version(20), after: version(30) };
  expect(keptLines([line], [version(10), version(40)])).toEqual([line]);
  expect(keptLines([line], [version(21)])).toEqual([]);
});
