// One member: the role, changed by who may, and what else may be done.
import type { MemberRole } from '@hakiri/contracts/roles';
import { Button } from '../parts/button.tsx';
import { SelectField } from '../parts/field.tsx';
import { Moment } from '../parts/moment.tsx';
import { Badge, Banner } from '../parts/panel.tsx';
import { Avatar } from '../parts/person.tsx';
import { useSession } from '../screen/context.ts';
import { admin as adminWords } from '../strings/en-admin.ts';
import classes from './admin.module.css';
import { MemberActions } from './member-actions.tsx';
import type { MemberRow } from './member-rows.ts';
import { MEMBER_ROLES, mayGive, mayManage } from './rights.ts';

const text = adminWords;
const words = text.members;

export function MemberTableRow({
  row: { member, edit, isChangedMeanwhile },
  choose,
  takeTheirs,
  keepMine,
  changed,
}: {
  row: MemberRow;
  choose(role: MemberRole): void;
  takeTheirs(): void;
  keepMine(): void;
  changed(): Promise<void>;
}) {
  const { me, may } = useSession();
  const { user, name, role } = member;
  const manages = may('team.manage') && mayManage(me.role, role);
  const offered = MEMBER_ROLES.filter((one) => one === role || mayGive(me.role, one));
  const onChoose = (value: string): void => {
    const chosen = offered.find((one) => one === value);
    if (chosen) choose(chosen);
  };
  return (
    <>
      <tr>
        <th scope="row">
          <span className={classes.person}>
            <Avatar user={user} name={name} />
            {name}
            {user === me.user && <Badge>{words.you}</Badge>}
          </span>
        </th>
        <td>
          {manages ? (
            <span className={classes.role}>
              <SelectField
                label={words.roleOf(name)}
                isLabelHidden
                value={edit?.role ?? role}
                onChange={(event) => onChoose(event.target.value)}
                options={offered.map((value) => ({ value, label: text.roles[value] }))}
              />
              {edit && <Badge tone="warn">{words.was(edit.base)}</Badge>}
            </span>
          ) : (
            <span title={text.roleMeans[role]}>
              {text.roles[role]} {may('team.manage') && <Badge>{words.onlyOwners}</Badge>}
            </span>
          )}
        </td>
        <td>
          <Moment at={member.since} />
        </td>
        <td>{manages && <MemberActions member={member} changed={changed} />}</td>
      </tr>
      {edit && isChangedMeanwhile && (
        <tr>
          <td colSpan={4}>
            <Banner
              tone="warn"
              actions={
                <>
                  <Button onClick={takeTheirs}>{text.changed.takeTheirs}</Button>
                  <Button onClick={keepMine}>{text.changed.keepMine}</Button>
                </>
              }
            >
              {words.changedMeanwhile(name, edit.base, role, edit.role)}
            </Banner>
          </td>
        </tr>
      )}
    </>
  );
}
