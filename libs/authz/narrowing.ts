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

/** When the block's Datalog text lets the token expire, in ms (Infinity: not at all); undefined when it says anything else. */
export function readNarrowing(source: string): number | undefined {
  const lines = source.split('\n').filter((line) => line !== '');
  let expiresAtMs = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    const [, until] = TIME_CHECK.exec(line) ?? [];
    if (until !== undefined) expiresAtMs = Math.min(expiresAtMs, Date.parse(until));
    else if (!isSetCheck(line)) return undefined;
  }
  return lines.length === 0 ? undefined : expiresAtMs;
}

function isSetCheck(line: string): boolean {
  const [, fact, list] = SET_CHECK.exec(line) ?? [];
  if (fact === undefined || list === undefined) return false;
  const names = list.split(', ').map((quoted) => quoted.slice(1, -1));
  return fact === 'pipeline' || names.every((name) => ACTIONS.some((action) => action === name));
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
