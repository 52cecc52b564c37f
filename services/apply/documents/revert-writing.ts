// Plans a revert over the documents that it concerns, and writes it: all of it checked before any of it is written, and each document
// read anew until it is as it was, so that what is told and applied is what was looked at.
import { present } from '@hakiri/base/assert';
import type { ConfigDraft, ConfigIssue } from '@hakiri/contracts/config';
import { ProblemError } from '@hakiri/contracts/problem';
import type { RevertBody, RevertResult } from '@hakiri/contracts/revert';
import { parseLabel } from '@hakiri/contracts/revision';
import type { Scope } from '@hakiri/contracts/scope';
import { diffDrafts } from '@hakiri/manifest/diff';
import { type DocumentRevert, planRevert, revertedDocuments, revertedKeys } from '@hakiri/manifest/revert';
import type { Cause } from '@hakiri/service/messaging';
import type { Clock } from '@hakiri/substrate/clock';
import type { Random } from '@hakiri/substrate/random';
import type { Revisions } from '../delivery/revisions.ts';
import type { History } from '../store/store-history.ts';
import type { DocumentWriter } from './document-writer.ts';
import { countEntries } from './edit-batches.ts';
import type { Look, WritePlanned } from './planned-write.ts';
import { refusedDocument, UNWRITABLE } from './revert-refusal.ts';

export type RevertWriter = ReturnType<typeof createRevertWriter>;
type Plan = {
  label: string;
  documents: { revert: DocumentRevert; version: string }[];
  issues: ConfigIssue[];
};

const WORDS = {
  nothing: 'Nothing was reverted.',
  again: 'Revert again: that is safe, what is there is recognised.',
};
const EDITED = 'Somebody edited while it was written: what was written before is in the documents.';

export function createRevertWriter(deps: {
  writer: Pick<DocumentWriter, 'read' | 'refusal'>;
  writePlanned: WritePlanned;
  revisions: Pick<Revisions, 'get' | 'config'>;
  history: Pick<History, 'latest'>;
  random: Random;
  clock: Clock;
  openRequestsLimit: number;
}) {
  const { writer, writePlanned, revisions, history, random, clock } = deps;

  /** @throws ProblemError */
  async function plan(team: string, body: RevertBody, cause: Cause): Promise<Plan> {
    const revision = await revisions.get(team, parseLabel(body.to));
    const to = await revisions.config(team, revision);
    const latest = await revisions.config(team, await history.latest(team));
    const asked = { to, latest, label: revision.label, only: body.doc };
    const named = body.pipelines && revertedKeys(asked, body.pipelines);
    if (named && named.issues.length > 0)
      return { label: revision.label, documents: [], issues: named.issues };
    const subject = { ...asked, appliedFrom: revision.doc, keys: named?.keys };
    const currents = new Map<string, ConfigDraft>();
    const versions = new Map<string, string>();
    const wanted = new Set(to.pipelines.map(({ key }) => key).filter((key) => named?.keys.has(key) ?? true));
    // What a move took away, and no Apply has seen yet, is in a document that neither revision tells of.
    const left = new Set(revertedDocuments(subject));
    for (const doc of left) {
      const { version, draft, moved } = await writer.read({ team, doc }, cause);
      currents.set(doc, draft);
      versions.set(doc, version);
      for (const { to: other, pipelines } of moved)
        if (pipelines.some((key) => wanted.has(key))) left.add(other);
    }
    const { documents, issues } = planRevert(subject, currents, () => random.ulid(clock.now()));
    return {
      label: revision.label,
      documents: documents.map((revert) => {
        return { revert, version: present(versions.get(revert.doc), 'it was read') };
      }),
      issues,
    };
  }

  /** Issues of the documents that take no edits. @throws ProblemError when one is full */
  async function refusals(team: string, { documents }: Plan, dryRun: boolean, cause: Cause) {
    const issues: ConfigIssue[] = [];
    for (const { revert } of documents) {
      if (countEntries(revert) === 0) continue;
      const refusal = await writer.refusal({ team, doc: revert.doc }, cause);
      if (refusal?.code === 'storage_full' && !dryRun)
        throw new ProblemError('storage_full', `${refusal.detail} ${WORDS.nothing}`);
      if (refusal) issues.push(refusedDocument(revert.doc, refusal));
    }
    return issues;
  }

  return {
    /** Unless it is a dry run, and with the scopes of the Applies that make it live. @throws ProblemError */
    write: async (
      team: string,
      body: RevertBody,
      isApplied: boolean,
      cause: Cause,
    ): Promise<RevertResult> => {
      const { dryRun = false, digest: seen } = body;
      // Of a look that found something to write: after it there is nothing to apply but what was written.
      const scopes = new Map<string, Scope>();

      const isHeld = ({ code, severity }: ConfigIssue) =>
        UNWRITABLE.has(code) || (isApplied && severity === 'error');
      async function look(hasWritten: boolean): Promise<Look<Plan>> {
        const planned = await plan(team, body, cause);
        planned.issues.push(...(await refusals(team, planned, dryRun, cause)));
        const state = hasWritten ? EDITED : WORDS.nothing;
        if (!dryRun && planned.issues.some(isHeld))
          throw new ProblemError(
            'invalid_config',
            `${state} Mend what \`issues\` lists, then revert again.`,
            planned.issues,
          );
        for (const { revert } of planned.documents)
          if (revert.scope !== undefined) scopes.set(revert.doc, revert.scope);
        if (!dryRun && isApplied && scopes.size > deps.openRequestsLimit)
          throw new ProblemError(
            'too_large',
            `It concerns ${scopes.size} documents, and a team has at most ${deps.openRequestsLimit} unfinished Applies. ${state} Name a document, and revert one after the other.`,
          );
        const documents = planned.documents.map(({ revert, version }) => {
          const target = { team, doc: revert.doc };
          return { target, draft: revert.before, version, entries: entriesOf(revert) };
        });
        return { plan: planned, documents };
      }

      const settled = await writePlanned(
        {
          ...{ dryRun, seen, look, action: 'doc.revert', words: WORDS },
          detail: ({ label, documents }, doc) => ({
            to: label,
            scope: body.pipelines === undefined ? 'all' : 'pipelines',
            ...countsOf(documents.find(({ revert }) => revert.doc === doc)?.revert),
            ...(body.message === undefined ? {} : { message: body.message }),
          }),
        },
        cause,
      );
      const { label, documents, issues } = settled.plan;
      const afters = new Map(documents.map(({ revert }) => [revert.doc, revert.after]));
      return {
        dryRun,
        to: label,
        // In the order in which they were written.
        documents: [...settled.documents].map(([doc, { version, before, updates }]) => {
          const scope = scopes.get(doc);
          const diff = diffDrafts(before, afters.get(doc) ?? before);
          return { doc, version, updates, ...diff, ...(scope ? { scope } : {}) };
        }),
        issues,
        ...(settled.digest === undefined ? {} : { digest: settled.digest }),
      };
    },
  };
}

function entriesOf({ put, putVariables, delete: gone, deleteVariables }: DocumentRevert) {
  return { put, putVariables, delete: gone, deleteVariables };
}

function countsOf(revert: DocumentRevert | undefined) {
  if (revert === undefined) return {};
  return {
    put: revert.put.length,
    deleted: revert.delete.length,
    variables: revert.putVariables.length + revert.deleteVariables.length,
  };
}
