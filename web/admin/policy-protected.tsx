// Groups in which changes need other people's approval.
import type { ApplyPolicy } from '@hakiri/contracts/policy';
import { Plus, X } from 'lucide-react';
import { Button, IconButton } from '../parts/button.tsx';
import { Issues, SelectField, TextField } from '../parts/field.tsx';
import { Panel } from '../parts/panel.tsx';
import { useRemovalFocus } from '../parts/use-removal-focus.ts';
import { policy as policyWords } from '../strings/en-policy.ts';
import classes from './admin.module.css';
import { issuesAt, type PolicyPart } from './policy-draft.ts';
import { PolicyPeople } from './policy-people.tsx';

const words = policyWords.protected;
type ProtectedGroup = ApplyPolicy['protected'][number];

const GROUPS_LIMIT = 20;
const PATH_LIMIT = 500;
const APPROVALS = Array.from({ length: 10 }, (_, index) => String(index + 1));
const FRESH: ProtectedGroup = { group: '', approvals: 1, by: { roles: ['admin', 'owner'], users: [] } };

export function PolicyProtected({ policy, issues, change }: PolicyPart) {
  const groups = policy.protected;
  const setAt = (index: number, next: ProtectedGroup): void =>
    change({ ...policy, protected: groups.with(index, next) });
  const list = useRemovalFocus<HTMLDivElement>(groups.length);
  const add = groups.length < GROUPS_LIMIT && (
    <Button data-add="" onClick={() => change({ ...policy, protected: [...groups, FRESH] })}>
      <Plus aria-hidden />
      {words.add}
    </Button>
  );
  return (
    <div {...list}>
      <Panel title={words.title} tools={add}>
        <p className={classes.soft}>{groups.length === 0 ? words.none : words.explain}</p>
        {groups.map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list is edited in place, and its order counts
          <div key={index} className={classes.item}>
            <div className={classes.form}>
              <div className={classes.two}>
                <TextField
                  label={words.group}
                  hint={words.groupHint}
                  isMono
                  maxLength={PATH_LIMIT}
                  issues={issuesAt(issues, `/protected/${index}/group`)}
                  value={one.group}
                  onChange={(event) => setAt(index, { ...one, group: event.target.value })}
                />
                <SelectField
                  label={words.approvals}
                  value={String(one.approvals)}
                  onChange={(event) => setAt(index, { ...one, approvals: Number(event.target.value) })}
                  options={APPROVALS.map((value) => ({ value, label: value }))}
                />
              </div>
              <PolicyPeople
                label={policyWords.people.by}
                people={one.by}
                change={(by) => setAt(index, { ...one, by })}
              />
              <Issues issues={issuesAt(issues, `/protected/${index}/by`)} />
            </div>
            <IconButton
              data-remove=""
              label={words.remove(one.group)}
              onClick={() => change({ ...policy, protected: groups.toSpliced(index, 1) })}
            >
              <X aria-hidden />
            </IconButton>
          </div>
        ))}
      </Panel>
    </div>
  );
}
