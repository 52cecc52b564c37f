// A revision as the index, the event and the API tell it. Pure.
import type { ApplyBody } from '@hakiri/contracts/apply';
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import {
  bodyFile,
  CHANGED_LIMIT,
  labelOf,
  type Revision,
  type RevisionName,
} from '@hakiri/contracts/revision';
import type { Prepared } from '../requests/prepare.ts';

export function composeRevision(
  request: { author: string; body: ApplyBody },
  name: RevisionName & { sequence: number },
  prepared: Exclude<Prepared, { kind: 'invalid' }> & { runtimeDigest: string },
  nowMs: number,
): Revision {
  const { doc = DEFAULT_DOC, version, scope, message = '' } = request.body;
  const { body, changed, runtimeDigest } = prepared;
  const { sequence, number, minor } = name;
  return {
    sequence,
    number,
    minor,
    label: labelOf(name),
    file: bodyFile(name),
    digest: body.digest,
    runtimeDigest,
    sizeBytes: body.bytes.length,
    publishedAt: new Date(nowMs).toISOString(),
    author: request.author,
    message,
    doc,
    version,
    scope,
    pipelines: prepared.config.pipelines.length,
    changed: changed.slice(0, CHANGED_LIMIT),
    ...(changed.length > CHANGED_LIMIT ? { changedMore: changed.length - CHANGED_LIMIT } : {}),
  };
}

/** What the next revision is called: nobody has to do anything for a minor one. */
export function nextName(
  last: Revision | undefined,
  kind: 'apply' | 'minor',
): RevisionName & { sequence: number } {
  const { sequence, number, minor } = last ?? { sequence: 0, number: 0, minor: 0 };
  return kind === 'apply' || number === 0
    ? { sequence: sequence + 1, number: number + 1, minor: 0 }
    : { sequence: sequence + 1, number, minor: minor + 1 };
}
