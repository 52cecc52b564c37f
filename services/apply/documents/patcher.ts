// Changes one pipeline of a document by a JSON Merge Patch: one update, attributed, and only if nobody touched the pipeline since
// it was read, or since the version that the caller names.
import { jsonEqual } from '@hakiri/base/json';
import type { PipelineDraft } from '@hakiri/contracts/config';
import { ProblemError } from '@hakiri/contracts/problem';
import { EditDocument } from '@hakiri/contracts/subjects';
import type { EditReply, EditRequest, PipelineView } from '@hakiri/contracts/sync';
import { asJson, documentOf } from '@hakiri/manifest/canonical';
import { patchPipeline } from '@hakiri/manifest/merge-patch';
import type { Cause, Messaging } from '@hakiri/service/messaging';
import { BusError } from '@hakiri/substrate/bus';
import type { Clock } from '@hakiri/substrate/clock';
import type { Random } from '@hakiri/substrate/random';
import { refusalProblem } from '../requests/apply-machine.ts';
import { type Limits, materialize } from '../requests/materialize.ts';
import type { Store } from '../store/store.ts';
import { outlineOf, type Target } from './outline.ts';
import { type Live, orUnavailable } from './pending.ts';

export type Patcher = ReturnType<typeof createPatcher>;

/** @throws ProblemError: of the pipeline with this id the caller may not. */
type MayWrite = (id: string) => Promise<void>;
/** It may be in the document or not. */
type Unanswered = { kind: 'unanswered'; code: 'unavailable' };

/** While others edit the same pipeline, and the caller named no version. */
const ATTEMPTS_LIMIT = 3;

export function createPatcher(deps: {
  messaging: Messaging;
  live(team: string): Promise<Live>;
  store: Pick<Store, 'audit'>;
  limits: Limits;
  random: Random;
  clock: Clock;
  onAudited(): void;
}) {
  const { messaging, limits, random, clock } = deps;

  /** The pipeline at `version`; 'moved' when somebody touched it after. @throws ProblemError */
  async function read(
    target: Target,
    name: string,
    version: string,
    mayWrite: MayWrite,
    cause: Cause,
  ): Promise<PipelineDraft | 'moved'> {
    const scope = { kind: 'pipelines' as const, pipelines: [name] };
    const found = await materialize(messaging, { ...target, scope, version }, cause, limits);
    switch (found.kind) {
      case 'draft': {
        const { pipelines } = found.draft;
        const pipeline = pipelines.find(({ key }) => key === name) ?? pipelines[0];
        return pipeline ?? missing(target, name, mayWrite, cause);
      }
      case 'moved':
        return 'moved';
      case 'no_document':
        return missing(target, name, mayWrite, cause);
      case 'version_unknown':
        throw new ProblemError(
          'version_unknown',
          'The document has never been at the version that `If-Match` names. Read the pipeline again.',
        );
      case 'too_large':
        throw new ProblemError(
          'too_large',
          `\`${name}\` is too large to be patched. Edit it in the document.`,
        );
      case 'unreadable':
        throw new ProblemError('document_unreadable', refusalProblem(found).detail);
      case 'away':
        throw new ProblemError(
          'unavailable',
          'Sync does not answer. Nothing was changed: try again shortly.',
        );
    }
  }

  /** Of a pipeline that the document has under another id by now. */
  async function renamedTo(target: Target, key: string, cause: Cause): Promise<string | undefined> {
    const version = await currentVersion(target, cause);
    const scope = { kind: 'pipelines' as const, pipelines: [key] };
    const found = await materialize(messaging, { ...target, scope, version }, cause, limits);
    const there = found.kind === 'draft' ? found.draft.pipelines.find((one) => one.key === key) : undefined;
    return there && idOf(there);
  }

  async function missing(target: Target, name: string, mayWrite: MayWrite, cause: Cause): Promise<never> {
    const { team, doc } = target;
    const { config } = await deps.live(team);
    const own = config.pipelines.filter((one) => documentOf(one) === doc);
    const live = own.find(({ key }) => key === name) ?? own.find(({ id }) => id === name);
    const present = live && (await renamedTo(target, live.key, cause));
    if (live !== undefined && present !== undefined) {
      // Who may not have it under that id does not learn it.
      await mayWrite(present);
      throw new ProblemError(
        'not_found',
        `The pipeline that is live as \`${live.id}\` is called \`${present}\` in the document ${doc} now. Patch it as that, or by its key ${live.key}.`,
      );
    }
    throw live
      ? new ProblemError(
          'gone',
          `The document ${doc} has no pipeline \`${name}\` any more, though it is live. Discard its deletion to have it back.`,
        )
      : new ProblemError('not_found', `The document ${doc} has no pipeline \`${name}\`.`);
  }

  const currentVersion = async (target: Target, cause: Cause): Promise<string> =>
    (await outlineOf({ messaging, limits }, target, cause)).version;

  async function write(target: Target, edit: EditRequest, cause: Cause): Promise<EditReply | Unanswered> {
    try {
      return await messaging.request(EditDocument, target, cause, edit, limits.pageTimeoutMs);
    } catch (error) {
      // Where nobody took it nothing was written, which orUnavailable says.
      if (!(error instanceof BusError) || error.kind === 'no_responder') throw error;
      return { kind: 'unanswered', code: 'unavailable' };
    }
  }

  return {
    /**
     * `since` is a version of the document. `mayWrite` is asked of the pipeline as it is, and as it would be.
     * @throws ProblemError
     */
    patch: (
      target: Target,
      name: string,
      patch: unknown,
      since: string | undefined,
      mayWrite: MayWrite,
      cause: Cause,
    ): Promise<PipelineView> =>
      orUnavailable(async () => {
        for (let attempt = 0; attempt < ATTEMPTS_LIMIT; attempt++) {
          const version = since ?? (await currentVersion(target, cause));
          const before = await read(target, name, version, mayWrite, cause);
          if (before === 'moved') {
            if (since === undefined) continue;
            // Deleted since, or edited?
            await read(target, name, await currentVersion(target, cause), mayWrite, cause);
            throw touched(name);
          }
          await mayWrite(idOf(before));
          const patched = patchPipeline(before, patch, () => random.ulid(clock.now()));
          if (patched.kind === 'refused')
            throw new ProblemError(
              'invalid_config',
              'Nothing was changed. Mend what `issues` lists.',
              patched.issues,
            );
          const { pipeline } = patched;
          await mayWrite(idOf(pipeline));
          if (jsonEqual(asJson(pipeline), asJson(before))) return { ...before, version };
          const edit = {
            put: [pipeline],
            putVariables: [],
            delete: [],
            deleteVariables: [],
            putSince: version,
          };
          const reply = await write(target, edit, cause);
          await note(target, name, patch, reply, cause);
          if (reply.kind === 'unanswered') throw unanswered(name);
          if (reply.kind === 'refused') throw refusal(reply);
          if (reply.changed > 0) return { ...pipeline, version: reply.version };
          // What differs in its text alone, such as a name that is not there instead of empty, changes nothing.
          const now = await read(target, name, version, mayWrite, cause);
          if (now !== 'moved') return { ...now, version: reply.version };
          if (since !== undefined) throw touched(name);
        }
        throw new ProblemError(
          'conflict',
          `People go on editing \`${name}\`. Nothing was changed: try again.`,
        );
      }),
  };

  async function note(
    target: Target,
    name: string,
    patch: unknown,
    reply: EditReply | Unanswered,
    cause: Cause,
  ): Promise<void> {
    const isDone = reply.kind === 'done';
    await deps.store.audit(target.team, cause, {
      action: 'doc.patch',
      // Of what sync did not answer nobody knows whether it was written.
      outcome: reply.kind === 'refused' ? 'refused' : 'done',
      target: target.doc,
      detail: {
        pipeline: name,
        fields: Object.keys(patch ?? {}),
        ...(isDone ? { changed: reply.changed } : { code: reply.code }),
      },
    });
    deps.onAudited();
  }
}

function refusal({ code, detail }: Extract<EditReply, { kind: 'refused' }>): ProblemError {
  if (code === 'not_found') return new ProblemError('not_found', detail);
  if (code === 'storage_full') return new ProblemError('storage_full', `${detail} Nothing was changed.`);
  if (code === 'edit.too_large' || code === 'edit.too_many') return new ProblemError('too_large', detail);
  if (code === 'document_archived' || code === 'edit.document_full' || code === 'edit.backlog')
    return new ProblemError('conflict', `${detail} (${code}) Nothing was changed.`);
  const issues = [{ path: '', code, message: detail, severity: 'error' as const }];
  return new ProblemError('invalid_config', 'Nothing was changed. Mend what `issues` lists.', issues);
}

function unanswered(name: string): ProblemError {
  return new ProblemError(
    'unavailable',
    `Sync does not answer, and nobody knows whether the patch of \`${name}\` is in the document. Read the pipeline, and send the patch again if it is not: the same again writes nothing.`,
  );
}

function touched(name: string): ProblemError {
  return new ProblemError(
    'precondition_failed',
    `Somebody changed \`${name}\` after the version that \`If-Match\` names. Nothing was changed: read it again, then decide.`,
  );
}

/** As narrowed tokens name it. */
function idOf({ id, key }: PipelineDraft): string {
  return typeof id === 'string' && id !== '' ? id : key;
}
