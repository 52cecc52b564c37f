// From the document to what is live: what differs, what of it goes, what stands against it, and what waits.

import type { Scope } from '@hakiri/contracts/scope';
import { Link, useSearch } from '@tanstack/react-router';
import { GitCompare } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import type { UnappliedState } from '../live/unapplied.ts';
import { useLoaded } from '../live/use-loaded.ts';
import { useStore } from '../live/use-store.ts';
import { Button } from '../parts/button.tsx';
import { failureSentence } from '../parts/failure.ts';
import { Banner, Empty, Kbd, Waiting } from '../parts/panel.tsx';
import { ScreenHead } from '../parts/screen.tsx';
import { useCommands } from '../screen/commands.ts';
import { useSession, useWorkspace } from '../screen/context.ts';
import { changes as changesWords } from '../strings/en-changes.ts';
import { ApplyDialog } from './apply-dialog.tsx';
import { ChangeList } from './change-list.tsx';
import classes from './changes-screen.module.css';
import { DiscardAll } from './discard-all.tsx';
import { discard, type ToDiscard } from './discarding.ts';
import { FirstLead } from './first-apply.tsx';
import { issuesInScope } from './issue-place.ts';
import { Issues } from './issues.tsx';
import { lastEditors } from './last-editors.ts';
import { choiceOf, isChosen, keysInAddress, type ScopeChoice, scopeOf, toggled } from './scope-choice.ts';
import { ScopePanel } from './scope-panel.tsx';
import { WaitingPanel } from './waiting-panel.tsx';

const text = changesWords;
const HISTORY_LIMIT = 500;
const NOTHING = { pipelines: [], variables: [], revision: undefined };

export function ChangesScreen() {
  const { client, may, names } = useSession();
  const workspace = useWorkspace();
  const { docId, pipelines, unapplied } = workspace;
  useStore(names);
  const state = useStore(unapplied.state);
  const canEdit = useStore(workspace.canEdit);
  const { keys } = useSearch({ from: '/docs/$doc/changes' });
  const [choice, setChoice] = useState<ScopeChoice>(() =>
    keys === undefined ? { kind: 'all' } : { kind: 'picked', keys: keysInAddress(keys) },
  );
  const [applying, setApplying] = useState<Scope>();
  const [failure, setFailure] = useState<string>();
  const canApply = may('manifest.apply');
  const pending = state.pending ?? NOTHING;
  const count = pending.pipelines.length + pending.variables.length;
  const version = state.pending?.version;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another version has another history
  const readHistory = useCallback(
    async () => lastEditors((await client.documents.history(docId, { limit: HISTORY_LIMIT })).entries),
    [client, docId, version],
  );
  const history = useLoaded(count > 0 ? readHistory : undefined);
  const editors = history.kind === 'loaded' ? history.value : undefined;
  const scope = scopeOf(choice);
  const open = (): void => {
    if (scope && canApply) setApplying(scope);
  };
  const take = (next: Scope): void => {
    setChoice(choiceOf(next, pipelines.keyOf));
    // What was suggested is looked at at once, also when no choice here says it.
    if (applying) setApplying(next);
  };
  const takeBack = async (items: readonly ToDiscard[], name: string): Promise<void> => {
    setFailure(undefined);
    await discard(client, workspace, items, name).catch((error) => setFailure(failureSentence(error)));
  };
  const groupOf = (key: string) => pipelines.head(key)?.group;
  const actions = {
    isChosen: (root: 'pipelines' | 'variables', change: { key: string }) =>
      root === 'pipelines' && isChosen(choice, change, groupOf),
    pick(key: string) {
      const now =
        choice.kind === 'picked'
          ? choice.keys
          : new Set(pending.pipelines.filter((one) => isChosen(choice, one, groupOf)).map((one) => one.key));
      setChoice({ kind: 'picked', keys: toggled(now, key) });
    },
    discard: canEdit ? (item: ToDiscard) => takeBack([item], item.change.id) : undefined,
    canPick: canApply,
  };
  useCommands(canApply ? [{ id: 'changes.apply', label: text.apply.command, keys: 'a', run: open }] : []);
  const isIn = (name: string) => isChosen(choice, { key: pipelines.keyNamed(name) ?? name }, groupOf);
  const found = issuesInScope(state.issues, isIn);
  const all = useMemo((): ToDiscard[] => everything(pending), [pending]);
  return (
    <div className={classes.screen}>
      <ScreenHead
        title={text.title}
        of={docId}
        about={<About state={state} />}
        actions={
          <>
            {canEdit && count > 0 && <DiscardAll count={count} discard={() => takeBack(all, text.title)} />}
            {canApply && (
              <Button look="primary" disabled={!scope || count === 0} onClick={open}>
                {text.apply.open} <Kbd>A</Kbd>
              </Button>
            )}
          </>
        }
      />
      {failure && (
        <div className={classes.banner}>
          <Banner tone="bad">{failure}</Banner>
        </div>
      )}
      <div className={classes.body}>
        <div className={classes.list}>
          {state.pending === undefined ? (
            <NothingKnown isSilent={state.kind === 'unknown'} />
          ) : count === 0 ? (
            <NothingPending label={state.pending.revision} />
          ) : (
            <>
              {pending.revision === undefined && <FirstLead canApply={canApply} />}
              <ChangeList pending={pending} editors={editors} actions={actions} />
            </>
          )}
        </div>
        <div className={classes.side}>
          {!canApply && <Banner tone="info">{text.apply.mayNot}</Banner>}
          {canApply && (
            <ScopePanel choice={choice} setChoice={setChoice} pending={state.pending} groupOf={groupOf} />
          )}
          <Issues {...found} />
          <WaitingPanel />
        </div>
      </div>
      {applying && <ApplyDialog scope={applying} close={() => setApplying(undefined)} takeScope={take} />}
    </div>
  );
}

function everything(
  pending: Pick<NonNullable<UnappliedState['pending']>, 'pipelines' | 'variables'>,
): ToDiscard[] {
  return [
    ...pending.pipelines.map((change) => ({ root: 'pipelines' as const, change })),
    ...pending.variables.map((change) => ({ root: 'variables' as const, change })),
  ];
}

function About({ state: { kind, pending } }: { state: UnappliedState }) {
  if (pending === undefined) return null;
  const { pipelines, variables, revision } = pending;
  const differs = pipelines.length + variables.length > 0;
  const line = differs ? text.differs(pipelines.length, variables.length, revision) : text.same(revision);
  return (
    <span role="status">
      {line}
      {kind === 'comparing' && ` ${text.comparing}`}
      {kind === 'unknown' && ` ${text.unknown}`}
    </span>
  );
}

/** Before the first answer; what is not sent is all that is known then. */
function NothingKnown({ isSilent }: { isSilent: boolean }) {
  const status = useStore(useWorkspace().shownStatus);
  const unsaved = 'unsaved' in status ? status.unsaved : 0;
  return <Waiting>{isSilent ? text.notKnown(unsaved) : text.comparing}</Waiting>;
}

function NothingPending({ label }: { label: string | undefined }) {
  const { docId, pipelines } = useWorkspace();
  const order = useStore(pipelines.order);
  return (
    <Empty icon={<GitCompare aria-hidden />} title={text.empty.title}>
      <p>{order.length === 0 ? text.empty.none : text.empty.same}</p>
      <Link to="/docs/$doc/pipelines" params={{ doc: docId }}>
        {text.empty.toPipelines}
      </Link>
      {label !== undefined && <Link to="/revisions">{text.empty.toRevisions}</Link>}
      {label !== undefined && <Link to="/runs/upcoming">{text.empty.toUpcoming}</Link>}
    </Empty>
  );
}
