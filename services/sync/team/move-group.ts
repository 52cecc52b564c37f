// Moves a group from one document of a team to another with nothing lost: copies what nobody touched there since it was looked
// at, and deletes from the source what was seen in the target and nobody touched here since; the rest is looked at again.
// Before each write its intent is in the registry, so whoever asks again after a crash goes on where the last one ended.
import { cleanGroupPath } from '@hakiri/config-doc/group-path';
import type { ConfigDraft, PipelineDraft } from '@hakiri/contracts/config';
import type { Actor } from '@hakiri/contracts/envelope';
import { type ProblemCode, ProblemError } from '@hakiri/contracts/problem';
import type { Scope } from '@hakiri/contracts/scope';
import {
  type EditReply,
  type EditRequest,
  type MaterializeReply,
  type MaterializeRequest,
  type MoveResult,
  type OutlineReply,
  type OutlineRequest,
  REMAINING_LIMIT,
} from '@hakiri/contracts/sync';
import { emptyDraft, pieces, planMove, planVariables } from './move-plan.ts';
import {
  type Change,
  endMove,
  isArchived,
  type OpenMove,
  openMoveOf,
  planCopies,
  type Registry,
  wasMoved,
} from './registry.ts';
import type { RegistryStore } from './registry-store.ts';

type Id = { team: string; doc: string };

/** What a move needs of the documents: as other services have it over the bus. */
export type MovableDocuments = {
  outline(id: Id, request: OutlineRequest): Promise<OutlineReply>;
  materialize(id: Id, request: MaterializeRequest): Promise<MaterializeReply>;
  edit(id: Id, request: EditRequest, actor: Actor): Promise<EditReply>;
};

export type GroupMove = { team: string; from: string; to: string; group: string };

/** While somebody goes on typing into the group, it is copied again so many times. */
const ROUNDS_LIMIT = 10;
/** One edit: small, so that those who edit the document meanwhile hardly wait. */
const PIECE = { count: 50, bytes: 64 * 1024 };
/** One read: as many as a scope may name. */
const KEYS_PIECE = { count: 1000, bytes: 64 * 1024 };
const NOTHING: EditRequest = { put: [], putVariables: [], delete: [], deleteVariables: [] };

/** @throws ProblemError, with nothing lost: what was copied is found again by the next attempt. */
export async function moveGroup(
  deps: { documents: MovableDocuments; registry: RegistryStore },
  move: GroupMove,
  actor: Actor,
): Promise<MoveResult> {
  const { documents, registry } = deps;
  const { team, from, to } = move;
  const route = { from, to, group: cleanGroupPath(move.group) };
  if (route.group === '' || from === to)
    throw new ProblemError('malformed', 'Name a group by its path, and another document to move it to.');
  const source = { team, doc: from };
  const target = { team, doc: to };
  const result: MoveResult = {
    state: 'unfinished',
    moved: 0,
    remaining: [],
    variables: { copied: [], differing: [] },
  };

  async function note(change: (known: Registry) => Change): Promise<void> {
    const outcome = await registry.change(team, change);
    if (outcome.kind === 'refused') throw new ProblemError(outcome.code, outcome.detail);
  }

  async function write(id: Id, request: Partial<EditRequest>): Promise<string> {
    const reply = await documents.edit(id, { ...NOTHING, ...request }, actor);
    if (reply.kind === 'done') return reply.version;
    throw new ProblemError(codeOf(reply.code), `${reply.detail} (${reply.code}) ${SAFE}`);
  }

  /** The group as it is now, and what the move took up already and somebody put elsewhere meanwhile. */
  async function readSource(): Promise<
    { version: string; pipelines: PipelineDraft[]; known: OpenMove['copies'] } & Pick<
      ConfigDraft,
      'variables'
    >
  > {
    const { version, draft } = await readNow(documents, source, { kind: 'group', group: route.group });
    const known = openMoveOf(await registry.read(team), route)?.copies ?? {};
    const inGroup = new Set(draft.pipelines.map(({ key }) => key));
    const strayed = Object.keys(known).filter((key) => !inGroup.has(key));
    // Read later than the group: what changed in between was touched after `version`, and so is not deleted.
    const more = strayed.length === 0 ? [] : (await readKeys(documents, source, strayed)).pipelines;
    return { version, pipelines: [...draft.pipelines, ...more], variables: draft.variables, known };
  }

  /** Copies and deletes; answers what only people can settle. */
  async function round(here: Awaited<ReturnType<typeof readSource>>): Promise<{ conflicts: Set<string> }> {
    const there = await readKeys(
      documents,
      target,
      here.pipelines.map(({ key }) => key),
    );
    const plan = await planMove(here.pipelines, there.pipelines, here.known);
    if (plan.digests.size > 0) await note((known) => planCopies(known, route, plan.digests, actor.id));

    const variables = await planVariables(plan.copy, here.variables, there.variables, `${team}/${to}`);
    for (const putVariables of pieces(variables.put, PIECE)) await write(target, { putVariables });
    addNames(
      result.variables.copied,
      variables.put.map(({ name }) => String(name)),
    );
    addNames(result.variables.differing, variables.differing);
    for (const put of pieces(plan.copy, PIECE)) await write(target, { put, putSince: there.version });
    // What was copied now is looked for in the next round: somebody may have been faster.
    for (const pipelines of pieces(
      plan.there.map(({ key }) => key),
      PIECE,
    ))
      await write(source, { deleteUnchanged: { since: here.version, pipelines } });
    return { conflicts: new Set(plan.conflicts.map(({ key }) => key)) };
  }

  const before = await registry.read(team);
  refuseArchived(before, [from, to]);
  const isKnown = openMoveOf(before, route) !== undefined || wasMoved(before, route);
  let here = await readSource();
  if (here.pipelines.length === 0 && !isKnown)
    throw new ProblemError('not_found', `There is no pipeline in the group ${route.group} of ${from}.`);
  for (let count = 0; count < ROUNDS_LIMIT && here.pipelines.length > 0; count++) {
    const { conflicts } = await round(here);
    const left = await readSource();
    const still = new Set(left.pipelines.map(({ key }) => key));
    result.moved += here.pipelines.filter(({ key }) => !still.has(key)).length;
    result.remaining = left.pipelines.slice(0, REMAINING_LIMIT).map(({ key, id }) => ({
      key,
      id: typeof id === 'string' ? id : '',
      why: conflicts.has(key) ? 'conflict' : 'edited',
    }));
    here = left;
    // Only people can settle what is left.
    if (left.pipelines.every(({ key }) => conflicts.has(key))) break;
  }
  if (here.pipelines.length > 0) return result;
  if (openMoveOf(await registry.read(team), route) !== undefined)
    await write(source, { deleteEmptyGroup: route.group });
  const { version } = await documents.outline(target, { entries: false });
  await note((known) => endMove(known, route, version));
  return { ...result, state: 'done' };
}

const SAFE = 'Nothing is lost: ask for the same move again, it goes on where this one ended.';

/**
 * What the scope has, page by page as it is then, so that nobody who edits meanwhile holds it up. `version`: of the first page, as
 * what changed in between counts as touched since. @throws ProblemError
 */
async function readNow(
  documents: MovableDocuments,
  id: Id,
  scope: Scope,
): Promise<{ version: string; draft: ConfigDraft }> {
  const draft = emptyDraft();
  let version = '';
  let after: string | undefined;
  do {
    const page = await documents.materialize(id, { scope, ...(after === undefined ? {} : { after }) });
    switch (page.kind) {
      case 'page':
        version ||= page.version ?? '';
        draft.pipelines.push(...page.pipelines);
        draft.variables.push(...page.variables);
        after = page.next;
        break;
      case 'moved':
      case 'version_unknown':
        throw new Error(`no version was asked for, and ${id.doc} answered ${page.kind}`);
      case 'no_document':
        throw new ProblemError('not_found', `There is no document ${id.doc}: create it first.`);
      case 'too_large':
        throw new ProblemError(
          'too_large',
          `${page.key} alone is larger than ${page.limitBytes} bytes. ${SAFE}`,
        );
    }
  } while (after !== undefined);
  return { version, draft };
}

/** These pipelines, wherever they are in the document, and its variables. `version`: of the first read. */
async function readKeys(
  documents: MovableDocuments,
  id: Id,
  keys: readonly string[],
): Promise<ConfigDraft & { version: string }> {
  const found = { ...emptyDraft(), version: '' };
  // Also without keys: the variables come along, and a document that is not there is said to be missing.
  const named = pieces(keys, KEYS_PIECE);
  for (const pipelines of named.length === 0 ? [[NO_KEY]] : named) {
    const { draft, version } = await readNow(documents, id, { kind: 'pipelines', pipelines });
    found.version ||= version;
    const wanted = new Set(pipelines);
    found.pipelines.push(...draft.pipelines.filter(({ key }) => wanted.has(key)));
    found.variables = draft.variables;
  }
  return found;
}

/** A scope names something; no pipeline has this key. */
const NO_KEY = '-';

function refuseArchived(registry: Registry, docs: readonly string[]): void {
  for (const doc of docs)
    if (isArchived(registry, doc))
      throw new ProblemError('document_archived', `${doc} is archived: bring it back first.`);
}

function addNames(names: string[], more: readonly string[]): void {
  for (const name of more) if (!names.includes(name)) names.push(name);
}

function codeOf(code: string): ProblemCode {
  if (code === 'not_found') return 'not_found';
  if (code === 'document_archived') return 'document_archived';
  if (code === 'edit.document_full' || code === 'edit.too_large') return 'too_large';
  return code === 'edit.backlog' ? 'unavailable' : 'conflict';
}
