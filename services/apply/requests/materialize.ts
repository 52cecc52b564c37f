// The document, or a scope of it, at one version: asked of its owner over the bus, page by page.
import { utf8 } from '@hakiri/base/bytes';
import type { ConfigDraft } from '@hakiri/contracts/config';
import type { Scope } from '@hakiri/contracts/scope';
import { Materialize } from '@hakiri/contracts/subjects';
import type { Cause, Messaging } from '@hakiri/service/messaging';
import { BusError } from '@hakiri/substrate/bus';
import type { Refusal } from './apply-machine.ts';

export type Materialized =
  | { kind: 'draft'; draft: ConfigDraft }
  | Exclude<Refusal, { kind: 'invalid' }>
  | { kind: 'away' };

/** `[][]`, which is no entry's. */
const EMPTY_LISTS_CHARS = 4;
/** Of UTF-8, for one of UTF-16. */
const CHAR_LIMIT_BYTES = 3;

export type Wanted = { team: string; doc: string; scope: Scope; version: string };
export type Limits = { pageTimeoutMs: number; documentLimitBytes: number };

export async function materialize(
  messaging: Messaging,
  wanted: Wanted,
  cause: Cause,
  limits: Limits,
): Promise<Materialized> {
  const { team, doc, scope, version } = wanted;
  const draft: ConfigDraft = { pipelines: [], variables: [] };
  let sizeBytes = 0;
  let after: string | undefined;
  for (;;) {
    const page = await messaging
      .request(
        Materialize,
        { team, doc },
        cause,
        { scope, version, ...(after === undefined ? {} : { after }) },
        limits.pageTimeoutMs,
      )
      .catch((error: unknown) => {
        if (error instanceof BusError) return { kind: 'away' as const };
        throw error;
      });
    if (page.kind !== 'page') return page;
    // An owner that goes on without giving anything would keep us here for ever.
    if (page.next !== undefined && page.pipelines.length + page.variables.length === 0)
      return { kind: 'away' };
    const entries = [JSON.stringify(page.pipelines), JSON.stringify(page.variables)];
    const cameChars = entries.reduce((sum, text) => sum + text.length, -EMPTY_LISTS_CHARS);
    const { sizeBytes: toldBytes = utf8(entries.join('')).length } = page;
    // What an owner says bounds what is held here.
    if (toldBytes < cameChars || toldBytes > cameChars * CHAR_LIMIT_BYTES + EMPTY_LISTS_CHARS)
      return { kind: 'unreadable', toldBytes, cameChars };
    sizeBytes += toldBytes;
    if (sizeBytes > limits.documentLimitBytes)
      return { kind: 'too_large', limitBytes: limits.documentLimitBytes };
    draft.pipelines.push(...page.pipelines);
    draft.variables.push(...page.variables);
    if (page.next === undefined) return { kind: 'draft', draft };
    after = page.next;
  }
}
