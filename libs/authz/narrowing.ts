// How a token is narrowed: a block of checks in one of three shapes, written here and read back here. A verifier accepts no
// other shape, so nobody who holds a token can hand it Datalog that takes work without bound.
import type { BlockBuilder } from '@biscuit-auth/biscuit-wasm';
import { ACTIONS, type Action } from '@hakiri/contracts/roles';
import { biscuit } from './biscuit.ts';

/** Each one that is given narrows further; what is not given stays as it was. */
export type Restrictions = {
  actions?: readonly Action[];
  /** Human ids. The token then serves no access that does not name one of them. */
  pipelines?: readonly string[];
  /** Whole seconds: rounded down. */
  expiresAtMs?: number;
};

export function writeNarrowing({ actions, pipelines, expiresAtMs }: Restrictions): BlockBuilder {
  const block = new biscuit.BlockBuilder();
  if (actions) addSetCheck(block, 'action', actions);
  if (pipelines) addSetCheck(block, 'pipeline', pipelines);
  if (expiresAtMs !== undefined) {
    block.addCodeWithParameters('check if time($t), $t < {until};', { until: dateTerm(expiresAtMs) }, {});
  }
  return block;
}

const SET_CHECK =
  /^check if (action|pipeline)\(\$x\), \{("[a-z0-9_.-]+"(?:, "[a-z0-9_.-]+")*)\}\.contains\(\$x\);$/;
const TIME_CHECK = /^check if time\(\$t\), \$t < (\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z);$/;

/** How narrow: `expiresAtMs` Infinity when no time is named, `pipelines` undefined when it serves all. */
export type Narrowing = { expiresAtMs: number; pipelines: readonly string[] | undefined };
export const NOT_NARROWED: Narrowing = { expiresAtMs: Number.POSITIVE_INFINITY, pipelines: undefined };

/** What the block's Datalog text narrows the token to; undefined when it says anything else. */
export function readNarrowing(source: string): Narrowing | undefined {
  const lines = source.split('\n').filter((line) => line !== '');
  let narrowing = NOT_NARROWED;
  for (const line of lines) {
    const read = readCheck(line);
    if (read === undefined) return undefined;
    narrowing = bothNarrowings(narrowing, read);
  }
  return lines.length === 0 ? undefined : narrowing;
}

/** What two that count together leave. */
export function bothNarrowings(one: Narrowing, other: Narrowing): Narrowing {
  const pipelines =
    one.pipelines && other.pipelines
      ? one.pipelines.filter((id) => other.pipelines?.includes(id))
      : (one.pipelines ?? other.pipelines);
  return { expiresAtMs: Math.min(one.expiresAtMs, other.expiresAtMs), pipelines };
}

function readCheck(line: string): Narrowing | undefined {
  const [, until] = TIME_CHECK.exec(line) ?? [];
  if (until !== undefined) return { ...NOT_NARROWED, expiresAtMs: Date.parse(until) };
  const [, fact, list] = SET_CHECK.exec(line) ?? [];
  if (fact === undefined || list === undefined) return undefined;
  const names = list.split(', ').map((quoted) => quoted.slice(1, -1));
  if (fact === 'pipeline') return { ...NOT_NARROWED, pipelines: names };
  return names.every((name) => ACTIONS.some((action) => action === name)) ? NOT_NARROWED : undefined;
}

function addSetCheck(block: BlockBuilder, fact: 'action' | 'pipeline', allowed: readonly string[]): void {
  const terms = { allowed: { set: [...allowed] } };
  block.addCodeWithParameters(`check if ${fact}($x), {allowed}.contains($x);`, terms, {});
}

export function dateTerm(ms: number): { date: string } {
  return { date: new Date(wholeSeconds(ms)).toISOString() };
}

/** Biscuit dates are whole seconds. */
export function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
