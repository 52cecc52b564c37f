// Renames and removes a member, each asked about first.
import type { Member } from '@hakiri/contracts/auth';
import { MoreHorizontal } from 'lucide-react';
import { useState } from 'react';
import { announce } from '../parts/announce.ts';
import { IconButton } from '../parts/button.tsx';
import { codeOf } from '../parts/failure.ts';
import { TextField } from '../parts/field.tsx';
import { Menu } from '../parts/menu.tsx';
import { useSession } from '../screen/context.ts';
import { Question } from '../screen/question.tsx';
import { admin as adminWords } from '../strings/en-admin.ts';

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
  const save = async (): Promise<void> => {
    try {
      await client.auth.updateMember(member.user, { name: name.trim(), wasName: base });
    } catch (error) {
      if (codeOf(error) !== 'precondition_failed') throw error;
      const now = (await client.auth.members()).find(({ user }) => user === member.user);
      if (!now) throw error;
      setBase(now.name);
      throw new Error(words.nameChanged(base, now.name));
    }
    await done(words.renamed(name.trim()));
  };
  return (
    <Question title={words.renameTitle(member.name)} confirm={words.renameSubmit} submit={save} close={close}>
      <TextField
        label={words.name}
        required
        pattern=".*\S.*"
        maxLength={NAME_LIMIT}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
    </Question>
  );
}

function Remove({ member, close, done }: Asked) {
  const { client } = useSession();
  const { user, name } = member;
  // What was seen when it was asked.
  const [role] = useState(member.role);
  const remove = async (): Promise<void> => {
    await client.auth.removeMember(user, role);
    await done(words.removed(name));
  };
  return (
    <Question
      title={words.removeTitle(name)}
      confirm={words.removeSubmit(name)}
      isDangerous
      submit={remove}
      close={close}
    >
      <p>{words.removeExplain(name)}</p>
    </Question>
  );
}
