// A policy while somebody changes it: what is saved, what they began from, what they have now; and times between the reader's clock
// and the policy's. Pure.
import { canonicalJson, type Json } from '@hakiri/base/json';
import type { ConfigIssue } from '@hakiri/contracts/config';
import type { ApplyPolicy, SavedPolicy, TimeSpan } from '@hakiri/contracts/policy';
import type { FieldIssue } from '../parts/field.tsx';

/** What each part of the form is given. */
export type PolicyPart = {
  policy: ApplyPolicy;
  issues: readonly ConfigIssue[];
  change(policy: ApplyPolicy): void;
};

export type PolicyDraft = { base: SavedPolicy; mine: ApplyPolicy };

export function isSame(one: ApplyPolicy, other: ApplyPolicy): boolean {
  return textOf(one) === textOf(other);
}

function textOf(policy: ApplyPolicy): string {
  // What is left open is left out.
  const json: Json = JSON.parse(JSON.stringify(policy));
  return canonicalJson(json);
}

export function isChanged({ base, mine }: PolicyDraft): boolean {
  return !isSame(base.policy, mine);
}

/** The newest that is saved, beside a draft: without changes it is simply followed. */
export function follow(
  draft: PolicyDraft | undefined,
  saved: SavedPolicy,
): { draft: PolicyDraft; isChangedMeanwhile: boolean } {
  const fresh = { base: saved, mine: saved.policy };
  if (draft === undefined || !isChanged(draft)) return { draft: fresh, isChangedMeanwhile: false };
  return { draft, isChangedMeanwhile: saved.version > draft.base.version };
}

/** Once `sent` is saved: what was changed since it was sent stays a draft, over what is saved now. */
export function afterSave(
  draft: PolicyDraft | undefined,
  sent: ApplyPolicy,
  saved: SavedPolicy,
): PolicyDraft | undefined {
  return draft === undefined || isSame(draft.mine, sent) ? undefined : { base: saved, mine: draft.mine };
}

/** Of exactly this place. */
export function issuesAt(issues: readonly ConfigIssue[], path: string): FieldIssue[] {
  return issues
    .filter((issue) => issue.path === path)
    .map(({ message }) => ({ severity: 'error' as const, message }));
}

/** Minutes, as `datetime-local` has them, in the reader's zone. Empty for what is no time. */
export function toLocal(instant: string): string {
  const time = new Date(instant);
  if (Number.isNaN(time.getTime())) return '';
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function fromLocal(local: string): string {
  const time = new Date(local);
  return local === '' || Number.isNaN(time.getTime()) ? '' : time.toISOString();
}

const DAY_MS = 24 * 60 * 60_000;
const HOUR_MS = 60 * 60_000;

export function freshSpan(kind: TimeSpan['kind'], nowMs: number): TimeSpan {
  if (kind === 'recurring') return { kind, cron: '0 9 * * 1-5', minutes: 8 * 60 };
  const from = Math.ceil(nowMs / HOUR_MS) * HOUR_MS;
  return { kind, from: new Date(from).toISOString(), until: new Date(from + DAY_MS).toISOString() };
}
