// The members, their roles, and who leaves. Roles are chosen first and saved together.
import { ApiProblem } from '@hakiri/client/errors';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { usePoll } from '../live/use-poll.ts';
import { announce } from '../parts/announce.ts';
import buttonLook from '../parts/button.module.css';
import { Button } from '../parts/button.tsx';
import { classNames } from '../parts/class-names.ts';
import { failureSentence } from '../parts/failure.ts';
import { Banner, Waiting } from '../parts/panel.tsx';
import { Screen, ScreenHead } from '../parts/screen.tsx';
import { Table } from '../parts/table.tsx';
import { useSession } from '../screen/context.ts';
import { PolledBanner } from '../screen/polled-banner.tsx';
import { admin as adminWords } from '../strings/en-admin.ts';
import { strings } from '../strings/strings.ts';
import { Allowed } from './admin-frame.tsx';
import { MemberTableRow } from './member-row.tsx';
import { chooseRole, dropEdit, editsOfGone, keepEdit, memberRows, type RoleEdit } from './member-rows.ts';
import { Unsaved } from './unsaved.tsx';

const words = adminWords.members;
const POLL_MS = 5_000;
const COLUMNS = [
  { name: words.name },
  { name: words.role },
  { name: words.since },
  { name: words.actions, isNameHidden: true },
];

export function MembersScreen() {
  return (
    <Allowed action="team.read" part={words.title}>
      <Members />
    </Allowed>
  );
}

function Members() {
  const { client, me, may } = useSession();
  const [edits, setEdits] = useState<readonly RoleEdit[]>([]);
  const [failure, setFailure] = useState<string>();
  const polled = usePoll(
    'members',
    () => client.auth.members(),
    () => POLL_MS,
  );
  const { value: members = [], refresh } = polled;
  const rows = memberRows(members, edits);
  const gone = polled.value ? editsOfGone(members, edits) : [];
  const manages = may('team.manage');

  /** Each by itself: one that is refused keeps none of the others back. */
  const save = async (): Promise<void> => {
    setFailure(undefined);
    const failures: string[] = [];
    let saved = 0;
    for (const { user, base, role } of edits) {
      try {
        await client.auth.updateMember(user, { role, was: base });
        setEdits((now) => dropEdit(now, user));
        saved += 1;
      } catch (error) {
        // What somebody else saved is shown at the row.
        const isMeanwhile = error instanceof ApiProblem && error.problem.code === 'precondition_failed';
        if (!isMeanwhile) failures.push(failureSentence(error));
      }
    }
    await refresh();
    if (failures.length > 0) setFailure(failures.join(' '));
    if (saved === edits.length) announce(adminWords.unsaved.rolesSaved);
  };
  const discard = (): void => {
    setEdits([]);
    setFailure(undefined);
  };
  return (
    <Screen>
      <ScreenHead
        title={words.title}
        about={polled.value && words.about(members.length)}
        actions={
          manages && (
            <Link to="/admin/invitations" className={classNames(buttonLook.button, buttonLook.primary)}>
              {words.invite}
            </Link>
          )
        }
      />
      {!manages && <Banner tone="info">{words.readOnly}</Banner>}
      <PolledBanner polled={polled} />
      {failure && <Banner tone="bad">{failure}</Banner>}
      {edits.some(({ user }) => user === me.user) && <Banner tone="warn">{words.yourself}</Banner>}
      {gone.map(({ user, name }) => (
        <Banner
          key={user}
          tone="warn"
          actions={
            <Button onClick={() => setEdits(dropEdit(edits, user))}>{adminWords.changed.takeTheirs}</Button>
          }
        >
          {words.gone(name)}
        </Banner>
      ))}
      {!polled.value && polled.isAsking && <Waiting>{strings.parts.loading}</Waiting>}
      {rows.length > 0 && (
        <Table caption={words.caption} columns={COLUMNS}>
          {rows.map((row) => (
            <MemberTableRow
              key={row.member.user}
              row={row}
              choose={(role) => setEdits(chooseRole(edits, row.member, role))}
              takeTheirs={() => setEdits(dropEdit(edits, row.member.user))}
              keepMine={() => setEdits(keepEdit(edits, row.member))}
              changed={refresh}
            />
          ))}
        </Table>
      )}
      <Unsaved count={edits.length} save={save} discard={discard} />
    </Screen>
  );
}
