// Takes edits back: writes what was last applied into the document, as one update of it, like anybody's edit.

import { utf8 } from '@hakiri/base/bytes';
import type { PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import type { DiscardBody, DiscardResult } from '@hakiri/contracts/pending';
import { ProblemError } from '@hakiri/contracts/problem';
import type { EditRequest } from '@hakiri/contracts/sync';
import { documentOf } from '@hakiri/manifest/canonical';
import { type Discarded, discardPipeline, discardVariable } from '@hakiri/manifest/discard';
import { comparePending } from '@hakiri/manifest/pending';
import type { Cause } from '@hakiri/service/messaging';
import type { Store } from '../store/store.ts';
import type { DocumentWriter } from './document-writer.ts';
import type { Target } from './outline.ts';
import { type Live, orUnavailable, type Pending } from './pending.ts';
import type { TouchedPage, TouchedPort } from './touched.ts';

export type Discard = ReturnType<typeof createDiscard>;

const AGAIN = 'Discard again: that is safe, what is as it was applied stays so.';
const DONE_UNREAD =
  'Sync took what you asked for, and does not answer since. Look at /v1/manifest/pending in a moment.';
/** What sync writes as one update; a single larger one is one, too. */
const UPDATE_LIMIT_BYTES = 120 * 1024;

type Root = 'pipelines' | 'variables';
type Entry = { key: string; doc?: unknown };
type Plan = { edit: EditRequest; keys: Record<Root, string[]> };

export function createDiscard(deps: {
  touched: TouchedPort;
  pending: Pick<Pending, 'live'>;
  writer: Pick<DocumentWriter, 'write'>;
  store: Pick<Store, 'audit'>;
  onAudited(): void;
}) {
  const { touched, pending, writer, store } = deps;

  /** What the document has of `named`, all of it. @throws BusError */
  async function read(target: Target, named: Record<Root, string[]>, cause: Cause): Promise<TouchedPage> {
    let all: TouchedPage | undefined;
    for (let after: string | undefined; ; ) {
      const page = await touched.page(target, { named, ...(after === undefined ? {} : { after }) }, cause);
      if (page === undefined) throw new ProblemError('not_found', `There is no document ${target.doc}.`);
      all ??= { ...page, pipelines: [], variables: [], tooLarge: [] };
      all.pipelines.push(...page.pipelines);
      all.variables.push(...page.variables);
      all.tooLarge.push(...page.tooLarge);
      if (page.next === undefined) return { ...all, version: page.version };
      after = page.next;
    }
  }

  /** What would be written, and from what. @throws ProblemError */
  async function planned(
    target: Target,
    body: DiscardBody,
    cause: Cause,
  ): Promise<{ from: Live; plan: Plan }> {
    const from = await pending.live(target.team);
    const names = {
      pipelines: (body.pipelines ?? []).map(({ pipeline }) => pipeline),
      variables: (body.variables ?? []).map(({ variable }) => variable),
    };
    if (names.pipelines.length + names.variables.length === 0)
      throw new ProblemError('malformed', 'Name at least one pipeline or variable to discard.');
    const now = await read(target, withKeys(names, from, target.doc), cause);
    return { from, plan: plan(body, from, now, target.doc) };
  }

  /** @throws ProblemError */
  async function write(target: Target, from: Live, { edit, keys }: Plan, cause: Cause): Promise<void> {
    const { failure, changed } = await writer.write(target, [edit], cause, AGAIN);
    await store.audit(target.team, cause, {
      action: 'doc.discard',
      // Of what sync did not answer nobody knows whether it was written.
      outcome: failure && failure.code !== 'unavailable' ? 'refused' : 'done',
      target: target.doc,
      detail: {
        ...keys,
        revision: from.revision?.label ?? null,
        ...(failure ? { code: failure.code } : { changed }),
      },
    });
    deps.onAudited();
    if (failure) throw failure;
  }

  /** Of pipelines that somebody touched after the version that was named: they stayed, and say so themselves. */
  async function keptOf(target: Target, { edit, keys }: Plan, cause: Cause): Promise<Set<string>> {
    const deleted = edit.deleteUnchanged?.pipelines ?? [];
    if (edit.putSince === undefined || edit.put.length + deleted.length === 0) return new Set();
    const now = await read(target, { pipelines: keys.pipelines, variables: [] }, cause);
    const there = new Map(now.pipelines.map((draft) => [draft.key, draft]));
    const put = edit.put.filter((draft) => discardPipeline(draft, there.get(draft.key)).kind !== 'same');
    return new Set([...deleted.filter((key) => there.has(key)), ...put.map(({ key }) => key)]);
  }

  /** @throws ProblemError */
  return async (target: Target, body: DiscardBody, cause: Cause): Promise<DiscardResult> => {
    const { from, plan } = await orUnavailable(() => planned(target, body, cause));
    await write(target, from, plan, cause);
    return orUnavailable(async () => {
      const kept = await keptOf(target, plan, cause);
      const after = await read(target, plan.keys, cause);
      const { same } = comparePending(from.config, withGone(after, plan.keys), target.doc);
      const sequence = from.revision?.sequence ?? 0;
      await touched.settle(target, { at: after.version, sequence, same }, cause);
      const all = [...plan.keys.pipelines, ...plan.keys.variables];
      return {
        doc: target.doc,
        version: after.version,
        discarded: all.filter((key) => !kept.has(key)),
        kept: all.filter((key) => kept.has(key)),
      };
    }, DONE_UNREAD);
  };
}

/** Of what is applied the keys are known here: what was renamed has another name in the document. */
function withKeys(names: Record<Root, string[]>, { config }: Live, doc: string): Record<Root, string[]> {
  const keysOf = <Applied extends Entry>(
    entries: readonly Applied[],
    wanted: readonly string[],
    nameOf: (entry: Applied) => string,
  ): string[] => {
    const own = entries.filter((entry) => documentOf(entry) === doc && wanted.includes(nameOf(entry)));
    return [...new Set([...wanted, ...own.map(({ key }) => key)])];
  };
  return {
    pipelines: keysOf(config.pipelines, names.pipelines, ({ id }) => id),
    variables: keysOf(config.variables, names.variables, ({ name }) => name),
  };
}

/** @throws ProblemError */
function plan(body: DiscardBody, { config }: Live, now: TouchedPage, doc: string): Plan {
  const edit: EditRequest = { put: [], putVariables: [], delete: [], deleteVariables: [] };
  const keys: Plan['keys'] = { pipelines: [], variables: [] };
  for (const { pipeline, fields } of body.pipelines ?? []) {
    const found = find(pipeline, config.pipelines, now.pipelines, ({ id }) => id, now, doc);
    if (keys.pipelines.includes(found.key)) continue;
    keys.pipelines.push(found.key);
    const made = discardPipeline(found.applied, found.now, fields);
    take(made, pipeline, edit.put, () => edit.delete.push(found.key));
  }
  for (const { variable, fields } of body.variables ?? []) {
    const found = find(variable, config.variables, now.variables, ({ name }) => name, now, doc);
    if (keys.variables.includes(found.key)) continue;
    keys.variables.push(found.key);
    const made = discardVariable(found.applied, found.now, fields);
    take(made, variable, edit.putVariables, () => edit.deleteVariables.push(found.key));
  }
  const bytes = [...edit.put, ...edit.putVariables].map((draft) => utf8(JSON.stringify(draft)).length);
  const isOne = bytes.length + edit.delete.length + edit.deleteVariables.length <= 1;
  if (!isOne && bytes.reduce((sum, one) => sum + one, 0) > UPDATE_LIMIT_BYTES)
    throw new ProblemError(
      'too_large',
      'That is more than one update of the document holds. Discard fewer at once.',
    );
  if (body.version === undefined) return { edit, keys };
  const deleted = edit.delete.splice(0);
  return {
    edit: { ...edit, putSince: body.version, deleteUnchanged: { since: body.version, pipelines: deleted } },
    keys,
  };
}

/** By key, else by the name that people see: as the document has it, else as it was applied. @throws ProblemError */
function find<Applied extends Entry, Draft extends Entry>(
  name: string,
  applied: readonly Applied[],
  drafts: readonly Draft[],
  nameOf: (entry: Applied | Draft) => unknown,
  { tooLarge }: TouchedPage,
  doc: string,
): { key: string; applied: Applied | undefined; now: Draft | undefined } {
  const own = applied.filter((entry) => documentOf(entry) === doc);
  const isKey = ({ key }: Entry): boolean => key === name;
  const isNamed = (entry: Applied | Draft): boolean => nameOf(entry) === name;
  const found = drafts.find(isKey) ?? own.find(isKey) ?? drafts.find(isNamed) ?? own.find(isNamed);
  if (found === undefined)
    throw new ProblemError(
      'not_found',
      `Neither the document nor what was last applied of it has \`${name}\`: take keys from /v1/manifest/pending.`,
    );
  const { key } = found;
  if (tooLarge.includes(key))
    throw new ProblemError(
      'too_large',
      `\`${name}\` is too large to be written back. Edit it in the document.`,
    );
  const there = applied.find((entry) => entry.key === key);
  if (there !== undefined && documentOf(there) !== doc)
    throw new ProblemError(
      'conflict',
      `\`${name}\` was last applied from the document ${documentOf(there)}: discard it there, or apply it from here first.`,
    );
  return { key, applied: there, now: drafts.find((entry) => entry.key === key) };
}

/** @throws ProblemError */
function take<Draft extends PipelineDraft | VariableDraft>(
  made: Discarded<Draft>,
  name: string,
  put: Draft[],
  remove: () => void,
): void {
  if (made.kind === 'put') put.push(made.draft);
  if (made.kind === 'delete') remove();
  if (made.kind === 'no_field')
    throw new ProblemError(
      'malformed',
      `\`${name}\` has no field ${made.path} that could be discarded: take paths from /v1/manifest/pending.`,
    );
}

/** Asked for by key, what is not there is gone. */
function withGone(page: TouchedPage, keys: Record<Root, string[]>): TouchedPage {
  const there = new Set([...page.pipelines, ...page.variables].map(({ key }) => key).concat(page.tooLarge));
  const gone = (all: readonly string[]): string[] => all.filter((key) => !there.has(key));
  return { ...page, gone: { pipelines: gone(keys.pipelines), variables: gone(keys.variables) } };
}
