// Who may apply all the same; nobody chosen means admins and owners, which is what leaving it out says.
import type { People } from '@hakiri/contracts/policy';
import { policy as policyWords } from '../strings/en-policy.ts';
import classes from './admin.module.css';
import { PolicyPeople } from './policy-people.tsx';

const text = policyWords.people;

export function PolicyOverride({
  override,
  change,
}: {
  override: People | undefined;
  change(override: People | undefined): void;
}) {
  const isNobody = ({ roles, users }: People): boolean => roles.length + users.length === 0;
  return (
    <div className={classes.override}>
      <PolicyPeople
        label={text.override}
        people={override ?? { roles: [], users: [] }}
        change={(people) => change(isNobody(people) ? undefined : people)}
      />
      <p className={classes.soft}>{text.noneMeans}</p>
    </div>
  );
}
