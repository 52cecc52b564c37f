// Invitations: a link is made and shown once; those that wait are listed and can be taken back.

import { ApiProblem } from '@hakiri/client/errors';
import type { LinkInfo, Link as MadeLink } from '@hakiri/contracts/auth';
import type { MemberRole } from '@hakiri/contracts/roles';
import { useState } from 'react';
import { usePoll } from '../live/use-poll.ts';
import { useStore } from '../live/use-store.ts';
import { announce } from '../parts/announce.ts';
import { Button } from '../parts/button.tsx';
import { CopyLine } from '../parts/copy-line.tsx';
import { failureSentence } from '../parts/failure.ts';
import { SelectField, TextField } from '../parts/field.tsx';
import { Moment } from '../parts/moment.tsx';
import { Banner, Panel } from '../parts/panel.tsx';
import { Screen, ScreenHead } from '../parts/screen.tsx';
import { Table } from '../parts/table.tsx';
import { useSubmit } from '../parts/use-press.ts';
import { useSession } from '../screen/context.ts';
import { PolledBanner } from '../screen/polled-banner.tsx';
import { admin as adminWords } from '../strings/en-admin.ts';
import classes from './admin.module.css';
import { Allowed } from './admin-frame.tsx';
import { MEMBER_ROLES, mayGive } from './rights.ts';

const text = adminWords;
const words = text.invitations;
const NAME_LIMIT = 100;
const POLL_MS = 5_000;

export function InvitationsScreen() {
  return (
    <Allowed action="team.manage" part={words.title}>
      <Invitations />
    </Allowed>
  );
}

function Invitations() {
  const { client } = useSession();
  const polled = usePoll(
    'invitations',
    () => client.auth.invitations(),
    () => POLL_MS,
  );
  return (
    <Screen>
      <ScreenHead title={words.title} about={words.about} />
      <Make changed={polled.refresh} />
      <PolledBanner polled={polled} />
      {polled.value && <Waiting links={polled.value} changed={polled.refresh} />}
    </Screen>
  );
}

function Make({ changed }: { changed(): Promise<void> }) {
  const { client, me } = useSession();
  const [name, setName] = useState('');
  const [role, setRole] = useState<MemberRole>('editor');
  const [made, setMade] = useState<MadeLink & { role: MemberRole }>();
  const [failure, setFailure] = useState<string>();
  const offered = MEMBER_ROLES.filter((one) => mayGive(me.role, one));
  const { isBusy, submit } = useSubmit(async () => {
    try {
      const called = name.trim();
      const link = await client.auth.createLink({
        kind: 'invite',
        role,
        ...(called ? { name: called } : {}),
      });
      setMade({ ...link, role });
      setFailure(undefined);
      await changed();
    } catch (error) {
      setFailure(failureSentence(error));
    }
  });
  const another = (): void => {
    setMade(undefined);
    setName('');
  };
  if (made)
    return (
      <Panel title={words.made(made.role)} tools={<Button onClick={another}>{words.another}</Button>}>
        <div className={classes.form}>
          <CopyLine label={words.link} value={`${client.url}/#code=${made.code}`} hint={words.linkHint} />
          <p>
            {words.expires} <Moment at={made.expiresAt} isRelative />.
          </p>
        </div>
      </Panel>
    );
  return (
    <Panel title={words.make}>
      <form className={classes.form} aria-busy={isBusy || undefined} onSubmit={submit}>
        {failure && <Banner tone="bad">{failure}</Banner>}
        <div className={classes.two}>
          <TextField
            label={words.name}
            hint={words.nameHint}
            maxLength={NAME_LIMIT}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <SelectField
            label={words.role}
            hint={text.roleMeans[role]}
            value={role}
            onChange={(event) => setRole(offered.find((one) => one === event.target.value) ?? role)}
            options={offered.map((value) => ({ value, label: text.roles[value] }))}
          />
        </div>
        <div>
          <Button type="submit" look="primary">
            {words.submit}
          </Button>
        </div>
      </form>
    </Panel>
  );
}

function Waiting({ links, changed }: { links: readonly LinkInfo[]; changed(): Promise<void> }) {
  const { client, me, names, nameOf } = useSession();
  useStore(names);
  const [failure, setFailure] = useState<string>();
  const takeBack = async (id: string): Promise<void> => {
    setFailure(undefined);
    try {
      await client.auth.revokeInvitation(id);
      announce(words.takenBack);
    } catch (error) {
      const isGone = error instanceof ApiProblem && error.problem.code === 'not_found';
      setFailure(isGone ? words.goneMeanwhile : failureSentence(error));
    }
    await changed();
  };
  return (
    <Panel title={words.waiting} isFlush={links.length > 0}>
      {failure && <Banner tone="warn">{failure}</Banner>}
      {links.length === 0 && <p>{words.none}</p>}
      {links.length > 0 && (
        <Table
          isFlush
          caption={words.caption}
          columns={[
            { name: words.for },
            { name: words.role },
            { name: words.by },
            { name: words.until },
            { name: words.actions, isNameHidden: true },
          ]}
        >
          {links.map(({ id, name = words.unnamed, role, createdBy, expiresAt }) => (
            <tr key={id}>
              <th scope="row">{name}</th>
              <td>{text.roles[role]}</td>
              <td>{nameOf(createdBy)}</td>
              <td>
                <Moment at={expiresAt} isRelative />
              </td>
              <td>
                {mayGive(me.role, role) && (
                  <Button look="quiet" aria-label={words.takeBackOf(name)} onClick={() => takeBack(id)}>
                    {words.takeBack}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
}
