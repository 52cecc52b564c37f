// What was touched, with what stands there now: one page of it, as an answer fits one message. Costs with what was touched.

import { utf8 } from '@hakiri/base/bytes';
import { readGroupPaths } from '@hakiri/config-doc/groups';
import { fieldsOf, readPipeline, readVariables, variableDraft } from '@hakiri/config-doc/read';
import { variablesOf } from '@hakiri/config-doc/schema';
import { selectScope } from '@hakiri/config-doc/scope';
import { RESTED_USERS_LIMIT, type TouchedReply, type TouchedRequest } from '@hakiri/contracts/pending';
import { PAGE_LIMIT_BYTES } from '@hakiri/contracts/sync';
import type { LoroDoc } from 'loro-crdt';
import type { Receipts } from './receipts.ts';
import type { Touched } from './touched.ts';

/** The version is added by whoever answers. */
export type TouchedPage = Omit<Extract<TouchedReply, { kind: 'page' }>, 'version' | 'kind'>;

/** The envelope, the names of the fields, and a version of many peers. */
const OVERHEAD_BYTES = 64 * 1024;
/** Cursors: variables come before pipelines. */
const VARIABLE = 'v:';
const PIPELINE = 'p:';

export function touchedPage(doc: LoroDoc, touched: Touched, request: TouchedRequest): TouchedPage {
  const { named, only, after = '' } = request;
  const keys = named === undefined ? touched.keys(doc, only) : keysNamed(doc, named);
  const page: TouchedPage = {
    isWhole: named === undefined && touched.isWhole,
    pipelines: [],
    variables: [],
    gone: { pipelines: [], variables: [] },
    tooLarge: [],
  };
  const limitBytes = PAGE_LIMIT_BYTES - OVERHEAD_BYTES;
  const groups = readGroupPaths(doc);
  const root = variablesOf(doc);
  let restBytes = limitBytes;
  let last: string | undefined;
  const cursors = [
    ...keys.variables.map((key) => VARIABLE + key),
    ...keys.pipelines.map((key) => PIPELINE + key),
  ].filter((cursor) => isAfter(cursor, after));
  for (const cursor of cursors) {
    const key = cursor.slice(VARIABLE.length);
    const isVariable = cursor.startsWith(VARIABLE);
    const value = isVariable ? root.get(key) : undefined;
    const variable = value === undefined ? undefined : variableDraft(key, fieldsOf(value));
    const pipeline = isVariable ? undefined : readPipeline(doc, key, groups);
    const bytes = utf8(JSON.stringify(variable ?? pipeline ?? key)).length + 4;
    const isTooLarge = bytes > limitBytes;
    restBytes -= isTooLarge ? key.length + 4 : bytes;
    if (restBytes < 0) return { ...page, ...(last === undefined ? {} : { next: last }) };
    last = cursor;
    if (isTooLarge) page.tooLarge.push(key);
    else if (variable !== undefined) page.variables.push(variable);
    else if (pipeline !== undefined) page.pipelines.push(pipeline);
    else page.gone[isVariable ? 'variables' : 'pipelines'].push(key);
  }
  return page;
}

/** Who touched what people alone read, the last first. Whose the operations are is on the server's own record. */
export function authorsOf(touched: Touched, receipts: Receipts): string[] {
  const last = new Map<string, number>();
  for (const [peer, end] of touched.cosmeticStamps()) {
    const receipt = receipts.of(peer, end - 1);
    if (receipt !== undefined) last.set(receipt.user, Math.max(receipt.atMs, last.get(receipt.user) ?? 0));
  }
  return [...last]
    .sort(([, a], [, b]) => b - a)
    .slice(0, RESTED_USERS_LIMIT)
    .map(([user]) => user);
}

function keysNamed(doc: LoroDoc, { pipelines, variables }: NonNullable<TouchedRequest['named']>) {
  const names = new Set<unknown>(variables);
  const isNamed = ({ key, name }: { key: string; name: unknown }): boolean =>
    names.has(key) || names.has(name);
  return {
    pipelines: selectScope(doc, { kind: 'pipelines', pipelines }),
    variables:
      variables.length === 0
        ? []
        : readVariables(doc)
            .filter(isNamed)
            .map(({ key }) => key),
  };
}

/** `v:` comes before `p:`. */
function isAfter(cursor: string, after: string): boolean {
  if (after === '') return true;
  if (cursor.slice(0, 2) !== after.slice(0, 2)) return after.startsWith(VARIABLE);
  return cursor > after;
}
