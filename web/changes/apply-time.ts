// When an Apply goes, and with which words, as the form has it and as the API takes it.
import type { ApplyChoice } from './apply-flow.ts';

export type ApplyForm = {
  message: string;
  ticket: string;
  when: 'now' | 'at' | 'window';
  /** Of an `<input type="datetime-local">`: `2026-03-29T02:30`, on the reader's clock. */
  time: string;
  latest: boolean;
  override: boolean;
};

export const NEW_FORM: ApplyForm = {
  message: '',
  ticket: '',
  when: 'now',
  time: '',
  latest: false,
  override: false,
};

/** What of it is still missing, before anybody is asked. */
export function missingOf({ when, time }: ApplyForm, nowMs: number): 'time' | 'past' | undefined {
  if (when !== 'at') return undefined;
  if (time === '') return 'time';
  // Without an offset it is read on the reader's clock.
  return Date.parse(time) <= nowMs ? 'past' : undefined;
}

export function applyChoice(form: ApplyForm, timezone: string): ApplyChoice {
  const message = [form.ticket.trim(), form.message.trim()].filter(Boolean).join(' ');
  return {
    ...(message === '' ? {} : { message }),
    ...(form.when === 'at' ? { at: form.time, timezone } : {}),
    ...(form.when === 'window' ? { window: 'next' as const } : {}),
    ...(form.when !== 'now' && form.latest ? { latest: true } : {}),
    ...(form.override ? { override: true } : {}),
  };
}
