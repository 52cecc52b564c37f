// The policy of Apply: followed while nobody changes it here, kept apart while somebody does, saved as a whole over the version they saw.
import { ApiProblem } from '@hakiri/client/errors';
import type { ConfigIssue } from '@hakiri/contracts/config';
import type { SavedPolicy } from '@hakiri/contracts/policy';
import { useEffect, useState } from 'react';
import { usePoll } from '../live/use-poll.ts';
import { useStore } from '../live/use-store.ts';
import { announce } from '../parts/announce.ts';
import { failureSentence } from '../parts/failure.ts';
import { Banner, Waiting } from '../parts/panel.tsx';
import { Screen, ScreenHead } from '../parts/screen.tsx';
import { useSubmit } from '../parts/use-press.ts';
import { useSession } from '../screen/context.ts';
import { PolledBanner } from '../screen/polled-banner.tsx';
import { admin as adminWords } from '../strings/en-admin.ts';
import { policy as policyWords } from '../strings/en-policy.ts';
import { strings } from '../strings/strings.ts';
import classes from './admin.module.css';
import { Allowed } from './admin-frame.tsx';
import { PolicyConflict } from './policy-conflict.tsx';
import { afterSave, follow, isChanged, type PolicyDraft } from './policy-draft.ts';
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
  const { client } = useSession();
  const polled = usePoll(
    'policy',
    () => client.requests.policy(),
    () => POLL_MS,
  );
  if (polled.value) return <Editor polled={polled} seen={polled.value} />;
  return (
    <Screen>
      <ScreenHead title={text.title} about={text.about} />
      <PolledBanner polled={polled} />
      {polled.isAsking && <Waiting>{strings.parts.loading}</Waiting>}
    </Screen>
  );
}

function Editor({ polled, seen }: { polled: ReturnType<typeof usePoll<SavedPolicy>>; seen: SavedPolicy }) {
  const { client, names, nameOf } = useSession();
  useStore(names);
  const [mine, setMine] = useState<PolicyDraft>();
  const [issues, setIssues] = useState<readonly ConfigIssue[]>([]);
  const [failure, setFailure] = useState<string>();
  /** What came of saving here, which is asked for again later. */
  const [answer, setAnswer] = useState(seen);
  const saved = answer.version > seen.version ? answer : seen;
  const { draft, isChangedMeanwhile } = follow(mine, saved);
  const told = (found: readonly ConfigIssue[], sentence?: string): void => {
    setIssues(found);
    setFailure(sentence);
  };
  const forget = (): void => {
    setMine(undefined);
    told([]);
  };
  const { isBusy, submit } = useSubmit(async () => {
    setFailure(undefined);
    const sent = draft.mine;
    try {
      const now = await client.requests.savePolicy({ version: draft.base.version, policy: sent });
      setAnswer(now);
      setMine((newest) => afterSave(newest, sent, now));
      told([]);
      announce(adminWords.unsaved.policySaved);
    } catch (error) {
      const problem = error instanceof ApiProblem ? error.problem : undefined;
      setIssues(problem?.issues ?? []);
      // What somebody else saved is shown with both versions.
      if (problem?.code === 'conflict') await polled.refresh();
      else setFailure(problem?.issues ? text.invalid : failureSentence(error));
    }
  });
  // What this page is saving may be seen before its answer is.
  const isConflict = isChangedMeanwhile && !isBusy;
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
      {isConflict && (
        <PolicyConflict
          saved={saved}
          mine={draft.mine}
          takeTheirs={forget}
          keepMine={() => setMine({ base: saved, mine: draft.mine })}
        />
      )}
      <NewsOfOthers saved={saved} isFollowed={mine === undefined} />
      <form aria-busy={isBusy || undefined} onSubmit={submit}>
        <PolicyForm
          policy={draft.mine}
          issues={issues}
          change={(policy) => setMine({ base: draft.base, mine: policy })}
        />
        <Unsaved count={isChanged(draft) ? 1 : 0} canSave={!isConflict} discard={forget} />
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
