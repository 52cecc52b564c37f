// A revision as the index, the event and the API tell it. Pure but for the digest.
import { utf8 } from '@hakiri/base/bytes';
import { type ApplyBody, bodyFile, CHANGED_LIMIT, type Revision } from '@hakiri/contracts/apply';
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import { digestOf } from '@hakiri/manifest/digest';
import type { Prepared } from './prepare.ts';

export async function composeRevision(
  request: { author: string; body: ApplyBody },
  number: number,
  prepared: Exclude<Prepared, { kind: 'invalid' }>,
  nowMs: number,
): Promise<Revision> {
  const { doc = DEFAULT_DOC, version, scope, message = '' } = request.body;
  const bytes = utf8(prepared.toml);
  const { changed } = prepared;
  return {
    number,
    label: `v${number}`,
    file: bodyFile(number),
    digest: await digestOf(bytes),
    sizeBytes: bytes.length,
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
