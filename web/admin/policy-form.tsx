// The fields of a policy: who has to agree, what a message needs, when nothing goes live.
import { CheckField, TextField } from '../parts/field.tsx';
import { Panel } from '../parts/panel.tsx';
import { policy as policyWords } from '../strings/en-policy.ts';
import classes from './admin.module.css';
import { issuesAt, type PolicyPart } from './policy-draft.ts';
import { PolicyFreezes } from './policy-freezes.tsx';
import { PolicyProtected } from './policy-protected.tsx';
import { PolicyWindows } from './policy-windows.tsx';

const text = policyWords;
const SHORT = 100;
const PATTERN = 200;
const HOURS_LIMIT = 720;

export function PolicyForm({ policy, issues, change }: PolicyPart) {
  const part = { policy, issues, change };
  return (
    <div className={classes.stack}>
      <PolicyProtected {...part} />
      <Messages {...part} />
      <PolicyFreezes {...part} />
      <PolicyWindows {...part} />
      <Panel title={text.approvals.title}>
        <div className={classes.short}>
          <TextField
            label={text.approvals.hours}
            type="number"
            required
            min={1}
            max={HOURS_LIMIT}
            hint={text.approvals.hint}
            value={Number.isNaN(policy.approvalHours) ? '' : policy.approvalHours}
            onChange={(event) => change({ ...policy, approvalHours: event.target.valueAsNumber })}
          />
        </div>
      </Panel>
    </div>
  );
}

function Messages({ policy, issues, change }: PolicyPart) {
  const words = text.messages;
  const { ticket } = policy;
  const withTicket = (on: boolean): void => {
    const { ticket: _, ...rest } = policy;
    change(on ? { ...rest, ticket: { pattern: '[A-Z]+-[0-9]+', example: 'DATA-123' } } : rest);
  };
  return (
    <Panel title={words.title}>
      <div className={classes.form}>
        <CheckField
          label={words.require}
          checked={policy.requireMessage}
          onChange={(event) => change({ ...policy, requireMessage: event.target.checked })}
        />
        <CheckField
          label={words.ticket}
          checked={ticket !== undefined}
          onChange={(event) => withTicket(event.target.checked)}
        />
        {ticket && (
          <div className={classes.two}>
            <TextField
              label={words.pattern}
              hint={words.patternHint}
              required
              isMono
              maxLength={PATTERN}
              issues={issuesAt(issues, '/ticket/pattern')}
              value={ticket.pattern}
              onChange={(event) => change({ ...policy, ticket: { ...ticket, pattern: event.target.value } })}
            />
            <TextField
              label={words.example}
              hint={words.exampleHint}
              maxLength={SHORT}
              value={ticket.example ?? ''}
              onChange={(event) => {
                const { example: _, ...rest } = ticket;
                const example = event.target.value;
                change({ ...policy, ticket: example === '' ? rest : { ...rest, example } });
              }}
            />
          </div>
        )}
      </div>
    </Panel>
  );
}
