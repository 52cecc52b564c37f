// What a team's policy says of one Apply: may it go now, does it wait for people or for a time, or is it refused. Pure: who asks for
// what, what of it would change, who approved exactly that, and the time go in; the verdict comes out.
import type { ApplyPolicy, Need, People } from '@hakiri/contracts/policy';
import { type Problem, problem } from '@hakiri/contracts/problem';
import type { TokenRole } from '@hakiri/contracts/roles';
import { canonicalGroup } from '@hakiri/manifest/canonical';
import { isoTime } from '../requests/iso-time.ts';
import { namesTicket } from './policy-ticket.ts';
import { coveredUntil, nextBeginning } from './policy-time.ts';

export type Timing =
  | { kind: 'now' }
  | { kind: 'at'; dueAtMs: number }
  /** As soon as nothing is in the way. */
  | { kind: 'window' };

export type Asking = {
  author: string;
  /** Who answers for the author: of a program who made its token. */
  person: string;
  /** Undefined when nobody knows any more: then nothing that a role allows is allowed. */
  role: TokenRole | undefined;
  message: string;
  override: boolean;
  timing: Timing;
  /** It waited before: what has been waiting is told no only when it would go. */
  waited: boolean;
};

/** A pipeline that would run otherwise, or appear, or disappear; or that just goes to another group. */
export type Touched = { what: 'runs' | 'moved'; before?: string; after?: string };
/** Of exactly this content. */
export type Given = { user: string; role: TokenRole };

export type Verdict =
  | { kind: 'go'; overrode: string[]; approvedBy: string[] }
  | { kind: 'approval'; needs: Need[]; expiresAtMs: number }
  | { kind: 'wait'; untilMs: number }
  | { kind: 'refused'; problem: Problem };

/** An Apply at a set time that comes later than this, after a downtime, does not come any more. */
export const LATE_LIMIT_MS = 15 * 60_000;
export const AHEAD_LIMIT_MS = 90 * 24 * 3_600_000;
/** From one end or beginning of a span to the next, when looking for a time that is open. */
const HOPS_LIMIT = 100;
const ADMINS: People = { roles: ['admin', 'owner'], users: [] };

export function decidePolicy(
  policy: ApplyPolicy,
  asking: Asking,
  touched: readonly Touched[],
  given: readonly Given[],
  nowMs: number,
): Verdict {
  const words = wordsMissing(policy, asking);
  if (words !== undefined) return refused('message_required', words);

  const { timing } = asking;
  const goesAtMs = timing.kind === 'at' ? Math.max(timing.dueAtMs, nowMs) : nowMs;
  if (timing.kind === 'at' && nowMs > timing.dueAtMs + LATE_LIMIT_MS)
    return refused('apply_missed', `It was to go at ${isoTime(timing.dueAtMs)}. ${MISSED}`);
  if (goesAtMs > nowMs + AHEAD_LIMIT_MS) return refused('malformed', 'Name a time within the next 90 days.');

  const closures = closuresAt(policy, goesAtMs);
  const inTheWay = closures.filter(({ override }) => !asking.override || !includes(override, asking));
  const needs = needsOf(policy, touched, given, asking.person);
  const unmet = needs.some((need) => need.given < need.approvals);
  let untilMs = goesAtMs;
  if (inTheWay.length > 0) {
    // Who was approved just waits: what goes live then is still exactly what was approved.
    const isEarly = timing.kind === 'at' && timing.dueAtMs > nowMs && asking.waited;
    const mayWait =
      timing.kind === 'window' || (timing.kind === 'now' && (given.length > 0 || asking.waited));
    if (!mayWait && !isEarly)
      return refused('frozen', closedDetail(inTheWay, asking, nextOpen(policy, goesAtMs)));
    const open = isEarly ? goesAtMs : nextOpen(policy, nowMs);
    if (open === undefined || open > nowMs + AHEAD_LIMIT_MS)
      return refused(
        'frozen',
        `${closedDetail(inTheWay, asking, undefined)} No time within 90 days is open.`,
      );
    untilMs = open;
  }
  if (unmet) return { kind: 'approval', needs, expiresAtMs: expiryOf(policy, timing, nowMs) };
  if (untilMs > nowMs) return { kind: 'wait', untilMs };
  const approvers = new Set(
    given
      .filter((one) => one.user !== asking.person && mayApprove(policy, needs, one))
      .map(({ user }) => user),
  );
  return {
    kind: 'go',
    overrode: closures.map(({ name }) => name),
    approvedBy: [...approvers],
  };
}

/** Whether this person's approval counts for some group of `needs`, so that nobody approves for nothing. */
export function mayApprove(policy: ApplyPolicy, needs: readonly Need[], person: Given): boolean {
  const named = new Set(needs.map(({ group }) => group));
  return policy.protected.some(
    ({ group, by }) => named.has(canonicalGroup(group)) && includes(by, { ...person, author: person.user }),
  );
}

/** Leaving or entering a protected group is no cosmetic change: whoever could move a pipeline out could apply it unseen. */
export function crossesProtection(policy: ApplyPolicy, before: string, after: string): boolean {
  return policy.protected.some(({ group }) => isWithin(before, group) !== isWithin(after, group));
}

function wordsMissing({ requireMessage, ticket }: ApplyPolicy, asking: Asking): string | undefined {
  const { message, override } = asking;
  if (message.trim() === '' && override)
    return 'Say in the message why nothing may wait: who overrides a freeze is on record.';
  if (message.trim() === '' && requireMessage) return 'Your team wants a message with each Apply: say why.';
  if (ticket === undefined || namesTicket(ticket.pattern, message)) return undefined;
  const like = ticket.example === undefined ? `that fits ${ticket.pattern}` : `such as ${ticket.example}`;
  return `Your team wants a ticket named in the message, ${like}.`;
}

type Closure = { name: string; untilMs: number | undefined; override: People };

function closuresAt({ freezes, windows }: ApplyPolicy, atMs: number): Closure[] {
  const frozen = freezes.flatMap(({ name, when, override = ADMINS }) => {
    const untilMs = coveredUntil(when, atMs);
    return untilMs === undefined ? [] : [{ name, untilMs, override }];
  });
  if (windows === undefined || windows.open.some((span) => coveredUntil(span, atMs) !== undefined))
    return frozen;
  const next = windows.open.flatMap((span) => nextBeginning(span, atMs) ?? []);
  const untilMs = next.length === 0 ? undefined : Math.min(...next);
  return [...frozen, { name: 'outside the apply windows', untilMs, override: windows.override ?? ADMINS }];
}

/** The first time from `fromMs` on with nothing in the way; undefined when none is found. */
export function nextOpen(policy: ApplyPolicy, fromMs: number): number | undefined {
  let atMs = fromMs;
  for (let hop = 0; hop < HOPS_LIMIT; hop++) {
    const closures = closuresAt(policy, atMs);
    if (closures.length === 0) return atMs;
    const ends = closures.map(({ untilMs }) => untilMs);
    if (ends.includes(undefined)) return undefined;
    atMs = Math.max(...ends.flatMap((untilMs) => untilMs ?? []));
  }
  return undefined;
}

function needsOf(
  policy: ApplyPolicy,
  touched: readonly Touched[],
  given: readonly Given[],
  person: string,
): Need[] {
  return policy.protected.flatMap(({ group, approvals, by }) => {
    const concerns = touched.some(({ what, before, after }) => {
      const was = before !== undefined && isWithin(before, group);
      const is = after !== undefined && isWithin(after, group);
      return what === 'runs' ? was || is : was !== is;
    });
    if (!concerns) return [];
    // Never the author's own, and each person once.
    const counted = new Set(
      given
        .filter((one) => one.user !== person && includes(by, { ...one, author: one.user }))
        .map(({ user }) => user),
    );
    return [{ group: canonicalGroup(group), approvals, given: counted.size }];
  });
}

function expiryOf({ approvalHours }: ApplyPolicy, timing: Timing, nowMs: number): number {
  const expiresAtMs = nowMs + approvalHours * 3_600_000;
  return timing.kind === 'at' ? Math.min(expiresAtMs, timing.dueAtMs + LATE_LIMIT_MS) : expiresAtMs;
}

function isWithin(path: string, group: string): boolean {
  const wanted = canonicalGroup(group);
  const found = canonicalGroup(path);
  return wanted === '' || found === wanted || found.startsWith(`${wanted}/`);
}

function includes(people: People, person: { author: string; role: TokenRole | undefined }): boolean {
  return people.users.includes(person.author) || people.roles.some((role) => role === person.role);
}

function closedDetail(closures: readonly Closure[], asking: Asking, openMs: number | undefined): string {
  const names = closures.map(({ name }) => name).join(', ');
  const when = openMs === undefined ? '' : ` It is open again at ${isoTime(openMs)}.`;
  const may = closures.every(({ override }) => includes(override, asking))
    ? 'or override it, with a message that says why'
    : 'or ask somebody who may override it';
  return `Nothing may be applied: ${names}.${when} Apply with \`window: next\`, ${may}.`;
}

const MISSED = 'That is longer ago than 15 minutes, so nothing was published: look again, and apply anew.';

function refused(code: Parameters<typeof problem>[0], detail: string): Verdict {
  return { kind: 'refused', problem: problem(code, detail) };
}
