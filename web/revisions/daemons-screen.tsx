// Who runs what: each daemon with its revision, how far it is behind, and what is odd about it.
import { Link } from '@tanstack/react-router';
import { Server } from 'lucide-react';
import { useCallback } from 'react';
import { useLoaded } from '../live/use-loaded.ts';
import { useStore } from '../live/use-store.ts';
import { Button } from '../parts/button.tsx';
import { Banner, Empty, Waiting } from '../parts/panel.tsx';
import { Screen, ScreenHead } from '../parts/screen.tsx';
import { useSession, useWorkspace } from '../screen/context.ts';
import { failureSentence } from '../screen/failure.ts';
import { revisions as revisionsWords } from '../strings/en-revisions.ts';
import { strings } from '../strings/strings.ts';
import { DaemonTable } from './daemon-table.tsx';
import { daemonsAbout } from './daemon-words.ts';

const text = revisionsWords.daemons;

export function DaemonsScreen() {
  const { client, may } = useSession();
  const { live } = useWorkspace();
  const latest = useStore(live.latest);
  // biome-ignore lint/correctness/useExhaustiveDependencies: after an Apply everybody is behind, until they report
  const load = useCallback(() => client.delivery.daemons(), [client, latest]);
  const loaded = useLoaded(load);
  const again = loaded.kind === 'loading' ? undefined : loaded.again;
  return (
    <Screen>
      <ScreenHead
        title={text.title}
        about={loaded.kind === 'loaded' && loaded.value.daemons.length > 0 && daemonsAbout(loaded.value)}
        actions={<Button onClick={again}>{text.again}</Button>}
      />
      {loaded.kind === 'loading' && <Waiting>{strings.parts.loading}</Waiting>}
      {loaded.kind === 'failed' && (
        <Banner tone="bad" actions={<Button onClick={loaded.again}>{strings.parts.tryAgain}</Button>}>
          {failureSentence(loaded.error)}
        </Banner>
      )}
      {loaded.kind === 'loaded' &&
        (loaded.value.daemons.length === 0 ? (
          <Empty icon={<Server aria-hidden />} title={text.empty.title}>
            <p>{text.empty.explain}</p>
            {may('tokens.manage') ? (
              <Link to="/admin/tokens">{text.empty.toTokens}</Link>
            ) : (
              <p>{text.empty.how}</p>
            )}
          </Empty>
        ) : (
          <DaemonTable daemons={loaded.value.daemons} />
        ))}
    </Screen>
  );
}
