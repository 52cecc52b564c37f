// A time span: once, between two instants of the reader's clock, or again and again from each tick of a cron.
import type { ConfigIssue } from '@hakiri/contracts/config';
import type { TimeSpan } from '@hakiri/contracts/policy';
import { SelectField, TextField } from '../parts/field.tsx';
import { policy as policyWords } from '../strings/en-policy.ts';
import classes from './admin.module.css';
import { freshSpan, fromLocal, issuesAt, toLocal } from './policy-draft.ts';

const words = policyWords.span;
const CRON_LIMIT = 200;
const ZONE_LIMIT = 60;
const MINUTES_LIMIT = 31 * 24 * 60;

export function PolicySpan({
  span,
  path,
  issues,
  change,
}: {
  span: TimeSpan;
  /** Of the span within the policy. */
  path: string;
  issues: readonly ConfigIssue[];
  change(span: TimeSpan): void;
}) {
  const at = (field: string) => issuesAt(issues, `${path}/${field}`);
  const kind = (
    <SelectField
      label={words.kind}
      value={span.kind}
      onChange={(event) =>
        change(freshSpan(event.target.value === 'recurring' ? 'recurring' : 'between', Date.now()))
      }
      options={[
        { value: 'between', label: words.between },
        { value: 'recurring', label: words.recurring },
      ]}
    />
  );
  if (span.kind === 'between')
    return (
      <div className={classes.two}>
        {kind}
        <TextField
          label={words.from}
          type="datetime-local"
          required
          issues={at('from')}
          value={toLocal(span.from)}
          onChange={(event) => change({ ...span, from: fromLocal(event.target.value) })}
        />
        <TextField
          label={words.until}
          type="datetime-local"
          required
          issues={at('until')}
          value={toLocal(span.until)}
          onChange={(event) => change({ ...span, until: fromLocal(event.target.value) })}
        />
      </div>
    );
  const { timezone: _, ...rest } = span;
  return (
    <div className={classes.two}>
      {kind}
      <TextField
        label={words.cron}
        required
        isMono
        maxLength={CRON_LIMIT}
        issues={at('cron')}
        value={span.cron}
        onChange={(event) => change({ ...span, cron: event.target.value })}
      />
      <TextField
        label={words.timezone}
        hint={words.timezoneHint}
        maxLength={ZONE_LIMIT}
        issues={at('timezone')}
        value={span.timezone ?? ''}
        onChange={(event) => change(event.target.value ? { ...rest, timezone: event.target.value } : rest)}
      />
      <TextField
        label={words.minutes}
        type="number"
        required
        min={1}
        max={MINUTES_LIMIT}
        value={Number.isNaN(span.minutes) ? '' : span.minutes}
        onChange={(event) => change({ ...span, minutes: event.target.valueAsNumber })}
      />
    </div>
  );
}
