// A schedule as people say it: "At 06:00 AM, only on Monday". What makes no sense is shown as it was typed.
import { isRecord } from '@hakiri/base/json';
import { parseEvery, parseTrigger } from '@hakiri/manifest/schedule';
import { cronWords } from '../../live/cron-words.ts';
import { textOf } from '../../live/text-of.ts';
import { strings } from '../../strings/strings.ts';

const text = strings.list.when;

/** `schedule` is what the document holds: anything. */
export function scheduleWords(schedule: unknown): string {
  const { kind, expr, timezone } = isRecord(schedule) ? schedule : {};
  const typed = textOf(expr);
  if (typed === '' && textOf(kind) === '') return text.none;
  if (kind === 'cron') return inZone(wordsOf(typed), textOf(timezone));
  if (kind === 'every') return everyWords(typed);
  if (kind === 'on-event') return eventWords(typed);
  return `${textOf(kind)} ${typed}`.trim();
}

function wordsOf(expr: string): string {
  try {
    return cronWords(expr);
  } catch {
    return expr;
  }
}

function everyWords(expr: string): string {
  const everyMs = parseEvery(expr);
  const [, digits, unit] = /^([0-9]+)(ms|s|m|h|d)$/.exec(expr) ?? [];
  if (everyMs === undefined || !isUnit(unit)) return expr;
  const count = Number(digits);
  return count === 1 ? text.one(text.units[unit]) : text.some(count, text.units[unit]);
}

function isUnit(unit: string | undefined): unit is keyof typeof text.units {
  return unit !== undefined && Object.hasOwn(text.units, unit);
}

function eventWords(expr: string): string {
  const trigger = parseTrigger(expr);
  if (trigger?.kind === 'manifest-applied') return text.applied;
  if (trigger?.kind === 'pipeline-finished') return text.finished(trigger.id);
  return expr;
}

function inZone(words: string, zone: string): string {
  return zone === '' ? words : text.zone(words, zone);
}
