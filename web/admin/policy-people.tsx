// Roles and single members, chosen together.
import type { People } from '@hakiri/contracts/policy';
import { useStore } from '../live/use-store.ts';
import { CheckField } from '../parts/field.tsx';
import { useSession } from '../screen/context.ts';
import { policy as policyWords } from '../strings/en-policy.ts';
import classes from './admin.module.css';

const text = policyWords.people;
const ROLES = ['applier', 'admin', 'owner'] as const;
const USERS_LIMIT = 50;

export function PolicyPeople({
  label,
  people,
  change,
}: {
  label: string;
  people: People;
  change(people: People): void;
}) {
  const { names: known } = useSession();
  const names = useStore(known);
  const { roles, users } = people;
  // Who has left is named by id, and can be taken out.
  const listed = [...new Set([...names.keys(), ...users])];
  const toggled = <One,>(list: readonly One[], one: One, on: boolean): One[] =>
    on ? [...list, one] : list.filter((other) => other !== one);
  return (
    <fieldset className={classes.fieldset}>
      <legend>{label}</legend>
      <div className={classes.checks}>
        {ROLES.map((role) => (
          <CheckField
            key={role}
            label={text.roles[role]}
            checked={roles.includes(role)}
            onChange={(event) => change({ ...people, roles: toggled(roles, role, event.target.checked) })}
          />
        ))}
      </div>
      <details open={users.length > 0}>
        <summary>{text.users}</summary>
        <div className={classes.checks}>
          {listed.map((user) => (
            <CheckField
              key={user}
              label={names.get(user) ?? user}
              checked={users.includes(user)}
              disabled={!users.includes(user) && users.length >= USERS_LIMIT}
              onChange={(event) => change({ ...people, users: toggled(users, user, event.target.checked) })}
            />
          ))}
        </div>
      </details>
    </fieldset>
  );
}
