// Going live: what would be published, what stands against it, the words to it, and its outcome.
import type { Scope } from '@hakiri/contracts/scope';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useStore } from '../live/use-store.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { failureSentence, issuesOf } from '../parts/failure.ts';
import { focusHeadingSoon } from '../parts/lost-focus.ts';
import { Moment } from '../parts/moment.tsx';
import { Banner, Waiting } from '../parts/panel.tsx';
import { changes as changesWords } from '../strings/en-changes.ts';
import { strings } from '../strings/strings.ts';
import type { ApplyFlow } from './apply-flow.ts';
import classes from './apply-form.module.css';
import { ApplyFormFields } from './apply-form.tsx';
import type { ApplyState } from './apply-state.ts';
import { type ApplyForm, applyChoice, missingOf, NEW_FORM } from './apply-time.ts';
import { AfterFirst } from './first-apply.tsx';
import { IssueList } from './issue-list.tsx';
import { Preview } from './preview.tsx';
import { useApplyFlow } from './use-apply-flow.ts';

const text = changesWords.apply;
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

type Props = { scope: Scope; close(): void; takeScope(scope: Scope): void };

export function ApplyDialog(props: Props) {
  const flow = useApplyFlow(props.scope);
  // With all of it live, the button that opened it has nothing to apply.
  useEffect(() => focusHeadingSoon, []);
  return flow ? <Steps flow={flow} {...props} /> : null;
}

function Steps({ flow, close, takeScope }: Props & { flow: ApplyFlow }) {
  const state = useStore(flow.state);
  const [form, setForm] = useState<ApplyForm>(NEW_FORM);
  const look = 'look' in state ? state.look : undefined;
  const canSend =
    state.kind === 'seen' &&
    look?.outdated === undefined &&
    !look?.dryRun.unchanged &&
    !missingOf(form, Date.now());
  const send = (): Promise<void> | undefined => (canSend ? flow.apply(applyChoice(form, ZONE)) : undefined);
  return (
    <Dialog
      title={text.title}
      isOpen
      close={close}
      isWide
      isRead
      onSubmit={send}
      actions={
        <Actions state={state} form={form} canSend={canSend} close={close} again={() => flow.look()} />
      }
    >
      {state.kind === 'looking' && <Waiting>{text.looking}</Waiting>}
      {state.kind === 'refused' && <Refused failure={state.failure} takeScope={takeScope} />}
      {look && (
        <Preview look={look} takeScope={takeScope}>
          {!look.dryRun.unchanged && look.outdated === undefined && state.kind !== 'unheard' && (
            <ApplyFormFields
              form={form}
              setForm={setForm}
              verdict={look.dryRun.policy}
              zone={ZONE}
              isBusy={state.kind === 'applying'}
              failure={state.kind === 'seen' ? state.failure : undefined}
            />
          )}
        </Preview>
      )}
      {state.kind === 'seen' && state.failure !== undefined && (
        <Refused failure={state.failure} takeScope={takeScope} />
      )}
      {state.kind === 'applying' && <Waiting>{text.applying}</Waiting>}
      {state.kind === 'unheard' && (
        <Banner tone="warn" actions={<Button onClick={flow.ask}>{text.lookAgain}</Button>}>
          {state.isUnderWay ? text.underWay : text.unheard}
        </Banner>
      )}
      <Outcome state={state} close={close} />
    </Dialog>
  );
}

function Refused({ failure, takeScope }: { failure: unknown; takeScope(scope: Scope): void }) {
  return (
    <>
      <Banner tone="bad">
        {text.refused} {failureSentence(failure)}
      </Banner>
      <IssueList issues={issuesOf(failure)} takeScope={takeScope} />
    </>
  );
}

function Outcome({ state, close }: { state: ApplyState; close(): void }) {
  if (state.kind === 'published') {
    const { revision, unchanged, warnings = [] } = state.published;
    return (
      <Told>
        <Banner
          tone="good"
          actions={
            <Link to="/revisions/$label" params={{ label: revision.label }} onClick={close}>
              {text.toRevision}
            </Link>
          }
        >
          {unchanged ? text.same(revision.label) : text.done(revision.label, revision.pipelines)}
        </Banner>
        {!unchanged && revision.number === 1 && <AfterFirst close={close} />}
        <IssueList issues={warnings} />
      </Told>
    );
  }
  if (state.kind !== 'waiting') return null;
  const { dueAt } = state.status;
  return (
    <Told>
      <Banner tone="info">
        {state.status.state === 'awaiting_approval' ? (
          text.waitsForPeople
        ) : (
          <>
            {text.waitsForTime} {dueAt && <Moment at={dueAt} />}.
          </>
        )}{' '}
        {text.cancelHint}
      </Banner>
    </Told>
  );
}

/** What was pressed is gone: the focus goes to what became of it. */
function Told({ children }: { children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => place.current?.focus(), []);
  return (
    <div ref={place} tabIndex={-1} className={classes.told}>
      {children}
    </div>
  );
}

function Actions({
  state,
  form,
  canSend,
  close,
  again,
}: {
  state: ApplyState;
  form: ApplyForm;
  canSend: boolean;
  close(): void;
  again(): Promise<void>;
}) {
  if (state.kind === 'published' || state.kind === 'waiting')
    return (
      <Button look="primary" onClick={close}>
        {text.close}
      </Button>
    );
  const isOutdated = state.kind === 'seen' && state.look.outdated !== undefined;
  const mayLook =
    isOutdated || state.kind === 'refused' || (state.kind === 'seen' && state.failure !== undefined);
  const verdict = state.kind === 'seen' ? state.look.dryRun.policy.kind : undefined;
  const label = state.kind === 'seen' ? state.look.dryRun.revision : '';
  const word = form.when !== 'now' ? text.schedule : verdict === 'approval' ? text.ask : text.submit(label);
  return (
    <>
      <Button onClick={close}>{strings.parts.cancel}</Button>
      {mayLook && (
        <Button look={isOutdated || state.kind === 'refused' ? 'primary' : 'plain'} onClick={again}>
          {text.again}
        </Button>
      )}
      {state.kind === 'seen' && !isOutdated && (
        <Button type="submit" look="primary" disabled={!canSend}>
          {word}
        </Button>
      )}
    </>
  );
}
