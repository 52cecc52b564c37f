// Who runs what: each daemon with its revision, how far it is behind, and what is odd about it.
import { Link } from '@tanstack/react-router';
import { Server } from 'lucide-react';
import { useEffect } from 'react';
import { usePoll } from '../live/use-poll.ts';
import { Button } from '../parts/button.tsx';
import { Empty, Waiting } from '../parts/panel.tsx';
import { Screen, ScreenHead } from '../parts/screen.tsx';
import { useSession, useWorkspace } from '../screen/context.ts';
import { PolledBanner } from '../screen/polled-banner.tsx';
import { revisions as revisionsWords } from '../strings/en-revisions.ts';
import { strings } from '../strings/strings.ts';
import { DaemonTable } from './daemon-table.tsx';
import { daemonsAbout, daemonsAgainMs } from './daemon-words.ts';

const text = revisionsWords.daemons;

export function DaemonsScreen() {
  const { client, may } = useSession();
  const { live } = useWorkspace();
  const polled = usePoll('daemons', () => client.delivery.daemons(), daemonsAgainMs);
  const { value: page, refresh } = polled;
  // What they report next is told against it.
  useEffect(() => live.onPublished(() => void refresh()), [live, refresh]);
  return (
    <Screen>
      <ScreenHead
        title={text.title}
        about={page && page.daemons.length > 0 && daemonsAbout(page)}
        actions={<Button onClick={refresh}>{text.again}</Button>}
      />
      <PolledBanner polled={polled} />
      {page === undefined && polled.failure === undefined && <Waiting>{strings.parts.loading}</Waiting>}
      {page &&
        (page.daemons.length === 0 ? (
          <Empty icon={<Server aria-hidden />} title={text.empty.title}>
            <p>{text.empty.explain}</p>
            {may('tokens.manage') ? (
              <Link to="/admin/tokens">{text.empty.toTokens}</Link>
            ) : (
              <p>{text.empty.how}</p>
            )}
          </Empty>
        ) : (
          <DaemonTable daemons={page.daemons} />
        ))}
    </Screen>
  );
}
