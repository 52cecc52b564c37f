// A change made through the API, in steps: each becomes one update that fits into one entry of the log. Repeating a change
// writes nothing, so a crash between two steps is mended by the caller's retry.
import { utf8 } from '@hakiri/base/bytes';
import { checkEdit } from '@hakiri/config-doc/check-edit';
import type { EditReply, EditRequest } from '@hakiri/contracts/sync';
import type { AdmissionRefusal } from './persisted-document.ts';

export type PlannedEdit =
  | { kind: 'steps'; steps: EditRequest[] }
  | { kind: 'refused'; code: string; detail: string };

/** JSON of the drafts in one step. Loro's encoding of new fields is about as long as their JSON. */
export const STEP_LIMIT_BYTES = 128 * 1024;
/** JSON of one draft: alone in its step, it must still fit into an entry. */
export const DRAFT_LIMIT_BYTES = 320 * 1024;

/** Why a document takes no edit now, as the caller reads it. */
export const REFUSED_EDITS = {
  document_full: {
    kind: 'refused',
    code: 'edit.document_full',
    detail: 'The document is as large as it may be: delete something, or use another document.',
  },
  backlog: {
    kind: 'refused',
    code: 'edit.backlog',
    detail: 'Too much waits for the disk: try again shortly.',
  },
} as const satisfies Record<AdmissionRefusal, EditReply>;

const NOTHING: EditRequest = { put: [], putVariables: [], delete: [], deleteVariables: [] };

export function planEdit(request: EditRequest): PlannedEdit {
  const refused = checkEdit(request) ?? checkSizes(request);
  if (refused !== undefined) return { kind: 'refused', ...refused };
  const { putSince, variablesSince, createSince, deleteEmptyGroup } = request;
  const empty: EditRequest = {
    ...NOTHING,
    ...(putSince === undefined ? {} : { putSince }),
    ...(variablesSince === undefined ? {} : { variablesSince }),
    ...(createSince === undefined ? {} : { createSince }),
  };
  let step: EditRequest = {
    ...empty,
    ...deletionsOf(request),
    ...(deleteEmptyGroup && { deleteEmptyGroup }),
  };
  let restBytes = STEP_LIMIT_BYTES;
  const steps = [step];
  const stepFor = (draft: unknown): EditRequest => {
    const bytes = jsonBytes(draft);
    if (bytes > restBytes) {
      step = { ...empty };
      steps.push(step);
      restBytes = STEP_LIMIT_BYTES;
    }
    restBytes -= bytes;
    return step;
  };
  for (const draft of request.put) {
    const target = stepFor(draft);
    target.put = [...target.put, draft];
  }
  for (const draft of request.putVariables) {
    const target = stepFor(draft);
    target.putVariables = [...target.putVariables, draft];
  }
  return { kind: 'steps', steps };
}

function checkSizes({ put, putVariables }: EditRequest): { code: string; detail: string } | undefined {
  for (const draft of [...put, ...putVariables]) {
    const bytes = jsonBytes(draft);
    if (bytes > DRAFT_LIMIT_BYTES)
      return {
        code: 'edit.too_large',
        detail: `/${draft.key} has ${bytes} bytes: split it, at most ${DRAFT_LIMIT_BYTES} fit.`,
      };
  }
  return undefined;
}

/** A key that is both put and deleted is put: deleted in a step before, it would lose what others write into it. */
function deletionsOf({ put, putVariables, delete: gone, deleteVariables, deleteUnchanged }: EditRequest) {
  const kept = new Set([...put, ...putVariables].map(({ key }) => key));
  return {
    delete: gone.filter((key) => !kept.has(key)),
    ...(deleteUnchanged && { deleteUnchanged }),
    deleteVariables: deleteVariables.filter((key) => !kept.has(key)),
  };
}

function jsonBytes(value: unknown): number {
  return utf8(JSON.stringify(value)).length;
}
