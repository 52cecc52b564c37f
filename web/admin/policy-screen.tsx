// The policy of Apply: followed while nobody changes it here, kept apart while somebody does, saved as a whole over the version they saw.
import { ApiProblem } from '@hakiri/client/errors';
import type { ConfigIssue } from '@hakiri/contracts/config';
import type { SavedPolicy } from '@hakiri/contracts/policy';
import { type FormEvent, useEffect, useState } from 'react';
import { usePoll } from '../live/use-poll.ts';
import { useStore } from '../live/use-store.ts';
import { announce } from '../parts/announce.ts';
import { Banner, Waiting } from '../parts/panel.tsx';
import { Screen, ScreenHead } from '../parts/screen.tsx';
import { useSession } from '../screen/context.ts';
import { failureSentence } from '../screen/failure.ts';
import { PolledBanner } from '../screen/polled-banner.tsx';
import { admin as adminWords } from '../strings/en-admin.ts';
import { policy as policyWords } from '../strings/en-policy.ts';
import { strings } from '../strings/strings.ts';
import classes from './admin.module.css';
import { Allowed } from './admin-frame.tsx';
import { PolicyConflict } from './policy-conflict.tsx';
import { follow, isChanged, type PolicyDraft } from './policy-draft.ts';
import { PolicyForm } from './policy-form.tsx';
import { Unsaved } from './unsaved.tsx';

const text = policyWords;
const POLL_MS = 5_000;

export function PolicyScreen() {
  return (
    <Allowed action="team.manage" part={text.title}>
      <Policy />
    </Allowed>
  );
}

function Policy() {
  const { client, names, nameOf } = useSession();
  useStore(names);
  const [mine, setMine] = useState<PolicyDraft>();
  const [issues, setIssues] = useState<readonly ConfigIssue[]>([]);
  const [failure, setFailure] = useState<string>();
  const polled = usePoll(
    'policy',
    () => client.requests.policy(),
    () => POLL_MS,
  );
  const saved = polled.value;
  if (!saved)
    return (
      <Screen>
        <ScreenHead title={text.title} about={text.about} />
        <PolledBanner polled={polled} />
        {polled.isAsking && <Waiting>{strings.parts.loading}</Waiting>}
      </Screen>
    );
  const { draft, isChangedMeanwhile } = follow(mine, saved);
  const forget = (): void => {
    setMine(undefined);
    setIssues([]);
    setFailure(undefined);
  };
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(undefined);
    try {
      await client.requests.savePolicy({ version: draft.base.version, policy: draft.mine });
      await polled.refresh();
      forget();
      announce(adminWords.unsaved.saved);
    } catch (error) {
      const problem = error instanceof ApiProblem ? error.problem : undefined;
      setIssues(problem?.issues ?? []);
      // What somebody else saved is shown with both versions.
      if (problem?.code === 'conflict') await polled.refresh();
      else setFailure(problem?.issues ? text.invalid : failureSentence(error));
    }
  };
  const by = saved.savedBy === undefined ? undefined : nameOf(saved.savedBy);
  return (
    <Screen>
      <ScreenHead
        title={text.title}
        about={`${text.version(saved.version)}${by === undefined ? '' : `, ${text.savedBy(by)}`}`}
      />
      <p className={classes.soft}>{text.about}</p>
      <PolledBanner polled={polled} />
      {failure && <Banner tone="bad">{failure}</Banner>}
      {isChangedMeanwhile && (
        <PolicyConflict
          saved={saved}
          mine={draft.mine}
          takeTheirs={forget}
          keepMine={() => setMine({ base: saved, mine: draft.mine })}
        />
      )}
      <NewsOfOthers saved={saved} isFollowed={mine === undefined} />
      <form onSubmit={save}>
        <PolicyForm
          policy={draft.mine}
          issues={issues}
          change={(policy) => setMine({ base: draft.base, mine: policy })}
        />
        <Unsaved count={isChanged(draft) ? 1 : 0} canSave={!isChangedMeanwhile} discard={forget} />
      </form>
    </Screen>
  );
}

/** Who looks without changing anything sees the new one at once, and is told. */
function NewsOfOthers({ saved, isFollowed }: { saved: SavedPolicy; isFollowed: boolean }) {
  const { me, nameOf } = useSession();
  const [version, setVersion] = useState(saved.version);
  useEffect(() => {
    if (saved.version === version) return;
    setVersion(saved.version);
    if (isFollowed && saved.savedBy !== undefined && saved.savedBy !== me.user)
      announce(text.newer(nameOf(saved.savedBy)));
  }, [saved, version, isFollowed, me.user, nameOf]);
  return null;
}
