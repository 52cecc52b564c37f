// Renames and removes a member, each asked about first.
import type { Member } from '@hakiri/contracts/auth';
import { MoreHorizontal } from 'lucide-react';
import { useState } from 'react';
import { announce } from '../parts/announce.ts';
import { Button, IconButton } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { TextField } from '../parts/field.tsx';
import { Menu } from '../parts/menu.tsx';
import { Banner } from '../parts/panel.tsx';
import { useSession } from '../screen/context.ts';
import { failureSentence } from '../screen/failure.ts';
import { admin as adminWords } from '../strings/en-admin.ts';
import { strings } from '../strings/strings.ts';

const words = adminWords.members;
const NAME_LIMIT = 100;

export function MemberActions({ member, changed }: { member: Member; changed(): Promise<void> }) {
  const [asks, setAsks] = useState<'rename' | 'remove'>();
  const close = (): void => setAsks(undefined);
  const done = async (news: string): Promise<void> => {
    announce(news);
    await changed();
    close();
  };
  return (
    <>
      <Menu
        button={
          <IconButton label={words.actionsOf(member.name)}>
            <MoreHorizontal aria-hidden />
          </IconButton>
        }
        actions={[
          { label: words.rename, run: () => setAsks('rename') },
          'separator',
          { label: words.remove, run: () => setAsks('remove'), isDangerous: true },
        ]}
      />
      {asks === 'rename' && <Rename member={member} close={close} done={done} />}
      {asks === 'remove' && <Remove member={member} close={close} done={done} />}
    </>
  );
}

type Asked = { member: Member; close(): void; done(news: string): Promise<void> };

function Rename({ member, close, done }: Asked) {
  const { client } = useSession();
  const [base, setBase] = useState(member.name);
  const [name, setName] = useState(member.name);
  const [failure, setFailure] = useState<string>();
  const save = async (): Promise<void> => {
    try {
      const now = (await client.auth.members()).find(({ user }) => user === member.user);
      if (now && now.name !== base) {
        setFailure(words.nameChanged(base, now.name));
        return setBase(now.name);
      }
      await client.auth.updateMember(member.user, { name: name.trim() });
      await done(words.renamed(name.trim()));
    } catch (error) {
      setFailure(failureSentence(error));
    }
  };
  return (
    <Dialog
      title={words.renameTitle(member.name)}
      isOpen
      close={close}
      onSubmit={save}
      actions={
        <>
          <Button onClick={close}>{strings.parts.cancel}</Button>
          <Button type="submit" look="primary">
            {words.renameSubmit}
          </Button>
        </>
      }
    >
      {failure && <Banner tone="bad">{failure}</Banner>}
      <TextField
        label={words.name}
        required
        pattern=".*\S.*"
        maxLength={NAME_LIMIT}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
    </Dialog>
  );
}

function Remove({ member, close, done }: Asked) {
  const { client } = useSession();
  const { user, name } = member;
  // What was seen when it was asked.
  const [role] = useState(member.role);
  const [failure, setFailure] = useState<string>();
  const remove = async (): Promise<void> => {
    try {
      await client.auth.removeMember(user, role);
      await done(words.removed(name));
    } catch (error) {
      setFailure(failureSentence(error));
    }
  };
  return (
    <Dialog
      title={words.removeTitle(name)}
      isOpen
      close={close}
      actions={
        <>
          <Button onClick={close}>{strings.parts.cancel}</Button>
          <Button look="danger" onClick={remove}>
            {words.removeSubmit(name)}
          </Button>
        </>
      }
    >
      <p>{words.removeExplain(name)}</p>
      {failure && <Banner tone="bad">{failure}</Banner>}
    </Dialog>
  );
}
