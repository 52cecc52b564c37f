// What one round of a group's move has to write: which pipelines to copy, which are there already, which differ in a way that only
// people can settle, and which variables they need. Pure but for the digests.
import { sha256Hex, utf8 } from '@hakiri/base/bytes';
import { isRecord } from '@hakiri/base/json';
import {
  type ConfigDraft,
  type PipelineDraft,
  VARIABLE_REFERENCE,
  type VariableDraft,
} from '@hakiri/contracts/config';

export type MovePlan = {
  /** To write to the target, again when somebody edited them in the source since they were copied. */
  copy: PipelineDraft[];
  /** In the target as they are here, or edited there after they were copied: only to be deleted here. */
  there: PipelineDraft[];
  /** Both were edited, or they were two different ones before the move. */
  conflicts: PipelineDraft[];
  /** Of `copy` and `there` as they are in the source, by key. */
  digests: Map<string, string>;
};

export type VariablePlan = {
  put: VariableDraft[];
  /** Names: in the target with another value, where they stay. */
  differing: string[];
};

const DIGEST_LENGTH = 16;
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** `copies`: what the move wrote, or was about to write, before. */
export async function planMove(
  source: readonly PipelineDraft[],
  target: readonly PipelineDraft[],
  copies: Readonly<Record<string, readonly string[]>>,
): Promise<MovePlan> {
  const inTarget = new Map(target.map((pipeline) => [pipeline.key, pipeline]));
  const plan: MovePlan = { copy: [], there: [], conflicts: [], digests: new Map() };
  for (const pipeline of source) {
    const { key } = pipeline;
    const here = await digestOf(pipeline);
    const other = inTarget.get(key);
    const there = other && (await digestOf(other));
    const copied = (Object.hasOwn(copies, key) ? copies[key] : undefined) ?? [];
    if (there === here) plan.there.push(pipeline);
    else if (there === undefined || copied.includes(there)) plan.copy.push(pipeline);
    // Copied once, untouched here since, edited there: the edit there is the newer one.
    else if (copied.length === 1 && copied[0] === here) plan.there.push(pipeline);
    else {
      plan.conflicts.push(pipeline);
      continue;
    }
    plan.digests.set(key, here);
  }
  return plan;
}

/** Of the variables that `pipelines` use: what the target lacks. A copy is a variable of its own, so it has a key of its own. */
export async function planVariables(
  pipelines: readonly PipelineDraft[],
  source: readonly VariableDraft[],
  target: readonly VariableDraft[],
  salt: string,
): Promise<VariablePlan> {
  const names = new Set(pipelines.flatMap(namesUsed));
  const byName = Map.groupBy(target, ({ name }) => name);
  const taken = new Set(target.map(({ key }) => key));
  const plan: VariablePlan = { put: [], differing: [] };
  for (const variable of source) {
    const { name } = variable;
    if (typeof name !== 'string' || !names.delete(name)) continue;
    const there = byName.get(name);
    if (there === undefined) plan.put.push({ ...variable, key: await copyKey(variable.key, salt, taken) });
    else if (!there.some(({ value }) => (value ?? '') === (variable.value ?? ''))) plan.differing.push(name);
  }
  return plan;
}

/** The same for the same variable, so that a repeated copy is recognised; another when somebody put that one to other use. */
async function copyKey(key: string, salt: string, taken: ReadonlySet<string>): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const digest = await sha256Hex(utf8(`${salt}/${key}/${attempt}`));
    const characters = Array.from(
      { length: 25 },
      (_, index) => CROCKFORD[Number.parseInt(digest.slice(index * 2, index * 2 + 2), 16) % 32],
    );
    const copy = `0${characters.join('')}`;
    if (!taken.has(copy)) return copy;
  }
}

function namesUsed(pipeline: PipelineDraft): string[] {
  return [...JSON.stringify(pipeline).matchAll(VARIABLE_REFERENCE)].map((match) => match[1] ?? '');
}

async function digestOf(pipeline: PipelineDraft): Promise<string> {
  return (await sha256Hex(utf8(JSON.stringify(withoutEmpty(pipeline))))).slice(0, DIGEST_LENGTH);
}

/** What is empty and what is absent read the same after a copy, and in which order fields were written does not matter. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value))
    return value.length === 0 ? undefined : value.map((item) => withoutEmpty(item) ?? null);
  if (!isRecord(value)) return value === '' || value === null ? undefined : value;
  const entries = Object.keys(value)
    .sort()
    .map((field) => [field, withoutEmpty(value[field])] as const)
    .filter(([, item]) => item !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Pieces that each fit one edit: by count, and by bytes of their JSON. */
export function pieces<T>(items: readonly T[], limit: { count: number; bytes: number }): T[][] {
  const result: T[][] = [];
  let leftBytes = 0;
  for (const item of items) {
    const bytes = utf8(JSON.stringify(item)).length;
    const last = result.at(-1);
    if (last === undefined || bytes > leftBytes || last.length >= limit.count) {
      result.push([item]);
      leftBytes = limit.bytes - bytes;
    } else {
      last.push(item);
      leftBytes -= bytes;
    }
  }
  return result;
}

export function emptyDraft(): ConfigDraft {
  return { pipelines: [], variables: [] };
}
