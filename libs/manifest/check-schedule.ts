// The meaning of one schedule: cron that fires some day, an interval within bounds, an event that exists. Expressions and time
// zones that were seen are remembered, as many pipelines share them. References to other pipelines: check-triggers.ts.
import { isRecord } from '@hakiri/base/json';
import { type ConfigIssue, ScheduleConfig } from '@hakiri/contracts/config';
import { checker } from './checker.ts';
import { issue } from './issue.ts';
import { suggesting } from './nearest.ts';
import { EVERY_MAX_MS, EVERY_MIN_MS, openCron, parseEvery, parseTrigger } from './schedule.ts';

const [cron, every, onEvent] = ScheduleConfig.anyOf;
const KINDS = {
  cron: { check: checker(cron), code: 'schedule.cron_invalid' },
  every: { check: checker(every), code: 'schedule.every_invalid' },
  'on-event': { check: checker(onEvent), code: 'schedule.event_invalid' },
} as const;
const CRON_ADVICE =
  'write five fields such as `*/15 * * * *` (minute, hour, day, month, weekday), or six with seconds first';
const EVERY_ADVICE = 'Write the interval as a whole number and a unit, ms, s, m, h or d, such as `15m`.';
const EVENT_ADVICE = 'Write the event as `manifest.applied` or `pipeline.finished:<id>`.';
const ZONE_ADVICE = 'Write an IANA time zone such as `Europe/Berlin`, or leave it out for UTC.';

/** Any fixed date does: what fires at all fires after it. A fixed one, so that the answer never depends on today. */
const REFERENCE = new Date('2024-01-01T00:00:00Z');

/** Of each, remembered at once; past it all are forgotten. */
const REMEMBERED_LIMIT = 20_000;
const zones = new Map<string, { value: boolean }>();
const faults = new Map<string, { value: CronFault | undefined }>();

/** `path` is the schedule's own pointer. */
export function checkSchedule(schedule: unknown, path: string): ConfigIssue[] {
  if (!isRecord(schedule) || Object.keys(schedule).length === 0) {
    const message = 'Give the schedule a kind, cron, every or on-event, and an `expr`.';
    return [issue(path, 'schedule.missing', message)];
  }
  if (KINDS.cron.check.accepts(schedule)) return checkCron(schedule, path);
  if (KINDS.every.check.accepts(schedule)) return checkEvery(schedule.expr, path);
  if (KINDS['on-event'].check.accepts(schedule)) return checkEvent(schedule.expr, path);
  return checkShape(schedule, path);
}

function checkCron(schedule: { expr: string; timezone?: string }, path: string): ConfigIssue[] {
  const { expr, timezone = 'UTC' } = schedule;
  // The zone shifts a time, it never decides whether there is one.
  const fault = remembered(faults, expr, cronFault);
  return [
    ...checkZone(timezone, `${path}/timezone`),
    ...(fault === undefined ? [] : [issue(`${path}/expr`, fault.code, fault.message)]),
  ];
}

/** With the nearest zone that there is. */
export function checkZone(timezone: string, path: string): ConfigIssue[] {
  if (remembered(zones, timezone, isTimeZone)) return [];
  const message = `There is no time zone \`${timezone}\`. ${ZONE_ADVICE}`;
  const found = issue(path, 'schedule.timezone_unknown', message);
  return [suggesting(found, timezone, Intl.supportedValuesOf('timeZone'))];
}

function checkShape(schedule: Record<string, unknown>, path: string): ConfigIssue[] {
  const { kind } = schedule;
  if (kind !== 'cron' && kind !== 'every' && kind !== 'on-event') {
    const advice = `Set the kind of the schedule to one of ${Object.keys(KINDS).join(', ')}.`;
    const found = issue(`${path}/kind`, 'schedule.kind_unknown', advice);
    return [suggesting(found, kind, Object.keys(KINDS))];
  }
  const exprAdvice = {
    cron: `To be run by cron, ${CRON_ADVICE}.`,
    every: EVERY_ADVICE,
    'on-event': EVENT_ADVICE,
  };
  return KINDS[kind].check.faults(schedule).map(({ path: at }) => {
    if (at === '/expr') return issue(`${path}/expr`, KINDS[kind].code, exprAdvice[kind]);
    if (at === '/timezone' && kind === 'cron') {
      return issue(`${path}${at}`, 'schedule.timezone_unknown', ZONE_ADVICE);
    }
    return issue(
      `${path}${at}`,
      'schedule.invalid',
      `Remove \`${at.slice(1)}\`: a schedule of kind ${kind} has no such field.`,
    );
  });
}

type CronFault = { code: string; message: string };

function cronFault(expr: string): CronFault | undefined {
  // The library takes a date for a schedule that fires once; a manifest has no such schedule.
  const count = expr.trim().split(/\s+/).length;
  const isNickname = /^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/i.test(expr.trim());
  if (!isNickname && count !== 5 && count !== 6) {
    return { code: KINDS.cron.code, message: `\`${expr}\` is not a cron expression: ${CRON_ADVICE}.` };
  }
  try {
    if (openCron({ expr }).nextRun(REFERENCE) !== null) return undefined;
  } catch (error) {
    const said = error instanceof Error ? error.message.replace(/^[A-Za-z]+: /, '') : String(error);
    // The library speaks of its own configuration.
    const reason = said
      .replace(/^configuration entry (\w+) \(\) is empty.*$/, 'its $1 is empty, or has a comma too many')
      .replace(/^configuration entry \d+ \((.*)\) contains illegal characters\.$/, '$1 is no time')
      .replace(/ \(NaN\)$/, '');
    return {
      code: KINDS.cron.code,
      message: `\`${expr}\` is not a cron expression (${reason}): ${CRON_ADVICE}.`,
    };
  }
  return { code: 'schedule.cron_never', message: `\`${expr}\` never fires: name a day that exists.` };
}

function checkEvery(expr: string, path: string): ConfigIssue[] {
  const everyMs = parseEvery(expr);
  if (everyMs === undefined) return [issue(`${path}/expr`, KINDS.every.code, EVERY_ADVICE)];
  if (everyMs < EVERY_MIN_MS) {
    return [issue(`${path}/expr`, 'schedule.every_too_short', `\`${expr}\` is too often: use at least 1s.`)];
  }
  if (everyMs > EVERY_MAX_MS) {
    return [issue(`${path}/expr`, 'schedule.every_too_long', `\`${expr}\` is too rare: use at most 366d.`)];
  }
  return [];
}

function checkEvent(expr: string, path: string): ConfigIssue[] {
  return parseTrigger(expr) === undefined
    ? [issue(`${path}/expr`, KINDS['on-event'].code, EVENT_ADVICE)]
    : [];
}

function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function remembered<T>(seen: Map<string, { value: T }>, key: string, compute: (key: string) => T): T {
  const known = seen.get(key);
  if (known !== undefined) return known.value;
  if (seen.size >= REMEMBERED_LIMIT) seen.clear();
  const value = compute(key);
  seen.set(key, { value });
  return value;
}
