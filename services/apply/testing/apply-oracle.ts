// Partial Applies judged by a second opinion: a model that is simple and slow and shares no line with libs/manifest. Both play the
// same random history of edits and Applies over two documents, and have to agree on what is refused and on all that is published.
import { fromUtf8 } from '@hakiri/base/bytes';
import { createPrng, type Prng } from '@hakiri/base/prng';
import type { ConfigDraft, ManifestConfig, PipelineDraft } from '@hakiri/contracts/config';
import type { Scope } from '@hakiri/contracts/scope';
import { EMPTY_CONFIG } from '@hakiri/manifest/canonical';
import { learnDraft } from '@hakiri/manifest/learn';
import { claimedFromOthers, missingFromScope } from '@hakiri/manifest/merge';
import { prepare, readManifest } from '../requests/prepare.ts';
import { type Applied, applyModel, type Document, type Entry, isIn } from './apply-model.ts';

export type Tally = { applies: number; published: number; refused: number };

const DOCS = ['main', 'eu'] as const;
const IDS = ['a', 'b', 'c', 'd', 'e', 'f'];
const GROUPS = ['', 'x', 'x/y', 'z'];
const NAMES = ['U', 'V', 'W'];
const STEPS = 30;

type Last = { config: ManifestConfig; toml: string; digest: string };

/** @throws Error that says where the two differ, with the seed. */
export function playHistory(seed: number): Tally {
  const random = createPrng(seed);
  const documents = new Map<string, Document>(
    DOCS.map((doc) => [doc, { pipelines: new Map(), variables: new Map() }]),
  );
  let model: Applied = { pipelines: new Map(), variables: new Map() };
  let last: Last | undefined;
  const tally: Tally = { applies: 0, published: 0, refused: 0 };
  const keys = { next: 0 };
  for (let step = 0; step < STEPS; step++) {
    const doc = random.pick(DOCS);
    const document = documents.get(doc);
    if (document === undefined) continue;
    for (let edits = random.below(4); edits > 0; edits--) edit(random, document, keys);
    const scope = anyScope(random, document, model);
    const expected = applyModel(model, doc, document, scope);
    const outcome = applyReal(last, doc, document, scope);
    tally.applies += 1;
    const where = `seed ${seed}, step ${step}, ${JSON.stringify(scope)} of ${doc}`;
    if (outcome.kind === 'invalid' || expected === undefined) {
      if (outcome.kind !== 'invalid' || expected !== undefined)
        throw new Error(
          `${where}: ${expected === undefined ? 'the model refuses' : 'the model publishes'}, ${outcome.kind}: ${outcome.kind === 'invalid' ? JSON.stringify(outcome.issues) : ''}`,
        );
      tally.refused += 1;
      continue;
    }
    const [found, wanted] = [told(outcome.config), toldByModel(expected)];
    if (found !== wanted) throw new Error(`${where}: published\n${found}\nwanted\n${wanted}`);
    const toml = fromUtf8(outcome.body.bytes);
    for (const near of [undefined, last?.config])
      if (told(finished(readManifest(toml, near))) !== wanted)
        throw new Error(`${where}: it is read back differently`);
    for (const text of outsideTexts(last?.toml, model, expected))
      if (!toml.includes(text)) throw new Error(`${where}: changed outside the scope:\n${text}`);
    tally.published += outcome.kind === 'different' ? 1 : 0;
    model = expected;
    last = { config: outcome.config, toml, digest: outcome.body.digest };
  }
  return tally;
}

function edit(random: Prng, { pipelines, variables }: Document, keys: { next: number }): void {
  const newKey = () => `01J${String(++keys.next).padStart(23, '0')}`;
  const some = [...pipelines.values()];
  const put = (entry: Entry) => void pipelines.set(entry.key, entry);
  const anyId = () => random.pick(IDS);
  const what = random.below(some.length === 0 ? 2 : 10);
  if (what === 0) {
    const name = random.pick(NAMES);
    variables.set(name, { key: variables.get(name)?.key ?? newKey(), value: String(random.below(2)) });
  } else if (what === 1) {
    const free = IDS.filter((id) => !some.some((entry) => entry.id === id));
    const id = free.length > 0 && random.below(8) > 0 ? random.pick(free) : anyId();
    put({ key: newKey(), id, group: random.pick(GROUPS), value: 0, uses: anyUses(random), waits: undefined });
  } else if (what === 2) {
    const name = random.pick(NAMES);
    const variable = variables.get(name);
    variables.delete(name);
    const other = NAMES.find((each) => !variables.has(each));
    // Half of the time it is a rename: the same variable under another name.
    if (variable !== undefined && other !== undefined && random.below(2) === 0)
      variables.set(other, variable);
  } else {
    const entry = random.pick(some);
    if (what === 3) pipelines.delete(entry.key);
    else if (what === 4) put({ ...entry, id: anyId() });
    else if (what === 5) put({ ...entry, group: random.pick(GROUPS) });
    else if (what === 6) put({ ...entry, uses: anyUses(random) });
    else if (what === 7) put({ ...entry, waits: random.below(2) === 0 ? undefined : anyId() });
    else put({ ...entry, value: random.below(3) });
  }
}

function anyUses(random: Prng): string[] {
  return NAMES.filter(() => random.below(5) === 0);
}

function anyScope(random: Prng, { pipelines }: Document, applied: Applied): Scope {
  const entries = [...pipelines.values(), ...applied.pipelines.values()];
  const some = () =>
    Array.from({ length: 1 + random.below(3) }, () => {
      const entry = entries.length === 0 || random.below(12) === 0 ? undefined : random.pick(entries);
      return random.below(2) === 0 ? (entry?.key ?? 'a') : (entry?.id ?? 'f');
    });
  const groups = GROUPS.filter((group) => group !== '');
  switch (random.below(4)) {
    case 0:
      return { kind: 'all' };
    case 1:
      return { kind: 'group', group: random.pick(groups) };
    case 2:
      return { kind: 'pipelines', pipelines: some() };
    default:
      return {
        kind: 'selection',
        groups: Array.from({ length: 1 + random.below(2) }, () => random.pick(groups)),
        pipelines: random.below(2) === 0 ? [] : some(),
      };
  }
}

// The real thing.

function applyReal(last: Last | undefined, doc: string, { pipelines, variables }: Document, scope: Scope) {
  const draft: ConfigDraft = {
    pipelines: [...pipelines.values()].filter((entry) => isIn(scope, entry)).map(draftOf),
    variables: [...variables].map(([name, { key, value }]) => ({ key, name, value, comment: '' })),
  };
  const config = last?.config ?? EMPTY_CONFIG;
  // As sync answers: no pipeline is in both documents here.
  const elsewhere = new Set(missingFromScope(config, scope, draft, doc).filter((key) => pipelines.has(key)));
  if (claimedFromOthers(config, draft, doc).size > 0) throw new Error('keys are of one document');
  const learned = finished(learnDraft(draft, doc, last?.config));
  return finished(prepare(last, scope, learned, { doc, elsewhere }));
}

function finished<T>(work: Generator<undefined, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

function draftOf({ key, id, group, value, uses, waits }: Entry): PipelineDraft {
  return {
    key,
    id,
    name: id,
    description: '',
    tags: [],
    group,
    enabled: true,
    source: { kind: 'x', ref: ['x', ...uses.map((name) => `\${${name}}`)].join(' ') },
    destination: { table: `t${value}` },
    schedule:
      waits === undefined
        ? { kind: 'every', expr: '1h' }
        : { kind: 'on-event', expr: `pipeline.finished:${waits}` },
    placement: { kind: 'auto' },
    transforms: [],
    schema: {},
  };
}

// What both say, as text.

function told({ pipelines, variables }: ManifestConfig): string {
  return [
    ...pipelines.map(({ key, id, group, doc = 'main', source, destination, schedule }) =>
      [key, id, group, doc, source.ref, destination.table, schedule.expr].join(' | '),
    ),
    ...variables.map(({ name, value, doc = 'main' }) => [name, value, doc].join(' = ')),
  ]
    .sort()
    .join('\n');
}

function toldByModel({ pipelines, variables }: Applied): string {
  return [
    ...[...pipelines.values()].map((entry) => {
      const { key, id, group, doc, value, uses, waits } = entry;
      const ref = ['x', ...uses.map((name) => `\${${name}}`)].join(' ');
      const when = waits === undefined ? '1h' : `pipeline.finished:${waits}`;
      return [key, id, group, doc, ref, `t${value}`, when].join(' | ');
    }),
    ...[...variables].map(([name, { value, doc }]) => [name, value, doc].join(' = ')),
  ]
    .sort()
    .join('\n');
}

/** The texts of entries that are the same before and after: each stands in the new manifest as it stood. */
function outsideTexts(toml: string | undefined, before: Applied, after: Applied): string[] {
  const blocks = (toml ?? '').split(/\n(?=\[\[(?:pipeline|variable)\]\]\n)/);
  return blocks.filter((block) => {
    const key = /^key = "([0-9A-Z]{26})"$/m.exec(block)?.[1] ?? '';
    const [was, is] = [before.pipelines.get(key), after.pipelines.get(key)];
    return was !== undefined && was === is;
  });
}
