// The words to an Apply and its time. What the policy wants of them is said beside them, before anything is sent.
import type { PolicyVerdict } from '@hakiri/contracts/policy';
import { codeOf, failureSentence } from '../parts/failure.ts';
import { CheckField, type FieldIssue, SelectField, TextArea, TextField } from '../parts/field.tsx';
import { changes as changesWords } from '../strings/en-changes.ts';
import classes from './apply-form.module.css';
import { type ApplyForm, missingOf } from './apply-time.ts';

const text = changesWords.apply;
const MESSAGE_LIMIT = 1_900;
const TICKET_LIMIT = 60;

export function ApplyFormFields({
  form,
  setForm,
  verdict,
  zone,
  isBusy,
  failure,
}: {
  form: ApplyForm;
  setForm(form: ApplyForm): void;
  verdict: PolicyVerdict;
  zone: string;
  isBusy: boolean;
  failure: unknown;
}) {
  const problem = verdict.kind === 'refused' ? verdict.problem : undefined;
  const isFrozen = problem?.code === 'frozen' || codeOf(failure) === 'frozen';
  const wanted = problem?.code === 'message_required' ? problem.detail : undefined;
  const refusal = codeOf(failure) === 'message_required' ? failureSentence(failure) : undefined;
  const issues: FieldIssue[] = refusal ? [{ severity: 'error', message: refusal }] : [];
  const missing = missingOf(form, Date.now());
  return (
    <fieldset className={classes.form} disabled={isBusy}>
      <TextArea
        label={text.message}
        hint={wanted ?? text.messageHint}
        rows={2}
        maxLength={MESSAGE_LIMIT}
        required={wanted !== undefined && form.ticket === ''}
        issues={issues}
        value={form.message}
        onChange={({ target }) => setForm({ ...form, message: target.value })}
      />
      <div className={classes.line}>
        <TextField
          label={text.ticket}
          hint={text.ticketHint}
          maxLength={TICKET_LIMIT}
          value={form.ticket}
          onChange={({ target }) => setForm({ ...form, ticket: target.value })}
        />
        <SelectField
          label={text.when}
          value={form.when}
          options={[
            { value: 'now', label: text.now },
            { value: 'at', label: text.at },
            { value: 'window', label: text.window },
          ]}
          onChange={({ target }) => {
            const { value } = target;
            if (value === 'now' || value === 'at' || value === 'window') setForm({ ...form, when: value });
          }}
        />
        {form.when === 'at' && (
          <TextField
            type="datetime-local"
            label={text.timeLabel}
            hint={missing === 'time' ? text.timeFirst : text.timeHint(zone)}
            issues={missing === 'past' ? [{ severity: 'error', message: text.timePast }] : []}
            required
            value={form.time}
            onChange={({ target }) => setForm({ ...form, time: target.value })}
          />
        )}
      </div>
      {form.when !== 'now' && (
        <CheckField
          label={text.latest}
          checked={form.latest}
          onChange={({ target }) => setForm({ ...form, latest: target.checked })}
        />
      )}
      {isFrozen && (
        <div>
          <CheckField
            label={text.override}
            checked={form.override}
            onChange={({ target }) => setForm({ ...form, override: target.checked })}
          />
          <p className={classes.hint}>{text.overrideHint}</p>
        </div>
      )}
    </fieldset>
  );
}
