// Takes edits back: writes what was last applied into the document, as one update of it, like anybody's edit.

import { utf8 } from '@hakiri/base/bytes';
import type { PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import type { DiscardBody, DiscardResult } from '@hakiri/contracts/pending';
import { ProblemError } from '@hakiri/contracts/problem';
import { EditDocument } from '@hakiri/contracts/subjects';
import type { EditRequest } from '@hakiri/contracts/sync';
import { documentOf } from '@hakiri/manifest/canonical';
import { type Discarded, discardPipeline, discardVariable } from '@hakiri/manifest/discard';
import { comparePending } from '@hakiri/manifest/pending';
import type { Cause, Messaging } from '@hakiri/service/messaging';
import { type Live, orUnavailable, type Pending } from './pending.ts';
import type { Store } from './store.ts';
import type { Target, TouchedPage, TouchedPort } from './touched.ts';

export type Discard = ReturnType<typeof createDiscard>;

/** What sync writes as one update; a single larger one is one, too. */
const UPDATE_LIMIT_BYTES = 120 * 1024;

type Root = 'pipelines' | 'variables';
type Entry = { key: string; doc?: unknown };
type Plan = { edit: EditRequest; keys: Record<Root, string[]> };

export function createDiscard(deps: {
  touched: TouchedPort;
  pending: Pick<Pending, 'live'>;
  messaging: Messaging;
  store: Pick<Store, 'audit'>;
  pageTimeoutMs: number;
  onAudited(): void;
}) {
  const { touched, pending, messaging, store, pageTimeoutMs } = deps;

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

  return async (target: Target, body: DiscardBody, cause: Cause): Promise<DiscardResult> =>
    orUnavailable(async () => {
      const from = await pending.live(target.team);
      const names = {
        pipelines: (body.pipelines ?? []).map(({ pipeline }) => pipeline),
        variables: (body.variables ?? []).map(({ variable }) => variable),
      };
      if (names.pipelines.length + names.variables.length === 0)
        throw new ProblemError('malformed', 'Name at least one pipeline or variable to discard.');
      const named = withKeys(names, from, target.doc);
      const { edit, keys } = plan(body, from, await read(target, named, cause), target.doc);
      const { kept } = await write(target, from, edit, keys, cause);
      const after = await read(target, keys, cause);
      const all = [...keys.pipelines, ...keys.variables];
      const result = {
        doc: target.doc,
        version: after.version,
        discarded: all.filter((key) => !kept.has(key)),
        kept: all.filter((key) => kept.has(key)),
      };
      const { same } = comparePending(from.config, withGone(after, keys), target.doc);
      await touched.settle(
        target,
        { at: after.version, sequence: from.revision?.sequence ?? 0, same },
        cause,
      );
      return result;
    });

  async function write(
    target: Target,
    from: Live,
    edit: EditRequest,
    keys: Record<Root, string[]>,
    cause: Cause,
  ): Promise<{ kept: Set<string> }> {
    const reply = await messaging.request(EditDocument, target, cause, edit, pageTimeoutMs);
    const isDone = reply.kind === 'done';
    await store.audit(target.team, cause, {
      action: 'doc.discard',
      outcome: isDone ? 'done' : 'refused',
      target: target.doc,
      detail: {
        ...keys,
        revision: from.revision?.label ?? null,
        ...(isDone ? { changed: reply.changed } : { code: reply.code }),
      },
    });
    deps.onAudited();
    if (!isDone) throw new ProblemError('conflict', `${reply.detail} (${reply.code}) Nothing was discarded.`);
    // What somebody touched after the version that was named stayed, and says so itself.
    const asked = edit.put.length + (edit.deleteUnchanged?.pipelines.length ?? 0);
    if (edit.putSince === undefined || asked === 0) return { kept: new Set() };
    const now = await read(target, { pipelines: keys.pipelines, variables: [] }, cause);
    const there = new Map(now.pipelines.map((draft) => [draft.key, JSON.stringify(draft)]));
    const wanted = new Map(edit.put.map((draft) => [draft.key, draft]));
    const kept = [...(edit.deleteUnchanged?.pipelines ?? [])].filter((key) => there.has(key));
    for (const [key, draft] of wanted)
      if (
        discardPipeline(
          draft,
          now.pipelines.find((one) => one.key === key),
        ).kind !== 'same'
      )
        kept.push(key);
    return { kept: new Set(kept) };
  }
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
