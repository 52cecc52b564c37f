// Tokens of programs: listed, and revoked after a question.

import type { TokenInfo } from '@hakiri/contracts/auth';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { usePoll } from '../live/use-poll.ts';
import { useStore } from '../live/use-store.ts';
import { announce } from '../parts/announce.ts';
import { Button } from '../parts/button.tsx';
import { Moment } from '../parts/moment.tsx';
import { Badge, Empty, Waiting } from '../parts/panel.tsx';
import { Screen, ScreenHead } from '../parts/screen.tsx';
import { Table } from '../parts/table.tsx';
import { useSession } from '../screen/context.ts';
import { PolledBanner } from '../screen/polled-banner.tsx';
import { Question } from '../screen/question.tsx';
import { admin as adminWords } from '../strings/en-admin.ts';
import { runs as runsWords } from '../strings/en-runs.ts';
import { strings } from '../strings/strings.ts';
import classes from './admin.module.css';
import { Allowed } from './admin-frame.tsx';
import { MakeToken } from './make-token.tsx';
import { mayGive } from './rights.ts';

const text = adminWords;
const words = text.tokens;
const POLL_MS = 5_000;
const COLUMNS = [
  { name: words.name },
  { name: words.role },
  { name: runsWords.pipeline },
  { name: words.by },
  { name: words.createdAt },
  { name: words.expiresAt },
  { name: words.state },
  { name: words.actions, isNameHidden: true },
];

export function TokensScreen() {
  return (
    <Allowed action="tokens.manage" part={words.title}>
      <Tokens />
    </Allowed>
  );
}

function Tokens() {
  const { client, names } = useSession();
  useStore(names);
  const [revoking, setRevoking] = useState<TokenInfo>();
  const polled = usePoll(
    'tokens',
    () => client.auth.tokens(),
    () => POLL_MS,
  );
  return (
    <Screen>
      <ScreenHead title={words.title} about={words.about} actions={<MakeToken changed={polled.refresh} />} />
      <PolledBanner polled={polled} />
      {!polled.value && polled.isAsking && <Waiting>{strings.parts.loading}</Waiting>}
      {polled.value?.length === 0 && (
        <Empty icon={<KeyRound aria-hidden />} title={words.none}>
          <p>{words.noneWhy}</p>
        </Empty>
      )}
      {polled.value && polled.value.length > 0 && (
        <Table caption={words.caption} columns={COLUMNS}>
          {polled.value.map((token) => (
            <Row key={token.id} token={token} revoke={() => setRevoking(token)} />
          ))}
        </Table>
      )}
      {revoking && <Revoke token={revoking} close={() => setRevoking(undefined)} changed={polled.refresh} />}
    </Screen>
  );
}

function Row({ token, revoke }: { token: TokenInfo; revoke(): void }) {
  const { me, nameOf } = useSession();
  const { name, role, createdBy, createdAt, expiresAt, revokedAt, pipelines } = token;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{text.roles[role]}</td>
      <td className={classes.mono}>{pipelines?.join(', ') ?? words.all}</td>
      <td>{nameOf(createdBy)}</td>
      <td>
        <Moment at={createdAt} />
      </td>
      <td>
        <Moment at={expiresAt} isRelative />
      </td>
      <td>
        {revokedAt === undefined ? (
          <Badge tone="good">{words.works}</Badge>
        ) : (
          <>
            <Badge tone="bad">{words.revoked}</Badge> <Moment at={revokedAt} isRelative />
          </>
        )}
      </td>
      <td>
        {revokedAt === undefined && mayGive(me.role, role) && (
          <Button look="quiet" aria-label={words.revokeOf(name)} onClick={revoke}>
            {words.revoke}
          </Button>
        )}
      </td>
    </tr>
  );
}

function Revoke({
  token: { id, name },
  close,
  changed,
}: {
  token: TokenInfo;
  close(): void;
  changed(): Promise<void>;
}) {
  const { client } = useSession();
  const revoke = async (): Promise<void> => {
    // Only for what is said: a token that two revoke at once is revoked, whoever was first.
    const now = (await client.auth.tokens()).find((token) => token.id === id);
    const isOver = now === undefined || now.revokedAt !== undefined;
    if (!isOver) await client.auth.revokeToken(id);
    announce(isOver ? words.revokedMeanwhile(name) : words.revokedNow(name));
    await changed();
    close();
  };
  return (
    <Question
      title={words.revokeTitle(name)}
      confirm={words.revokeSubmit}
      isDangerous
      submit={revoke}
      close={close}
    >
      <p>{words.revokeExplain}</p>
    </Question>
  );
}
