// A document without pipelines: what this is, and the first step to something that runs.
import { useNavigate } from '@tanstack/react-router';
import { Suspense, useEffect, useState } from 'react';
import { useStore } from '../../live/use-store.ts';
import { announce } from '../../parts/announce.ts';
import { Button } from '../../parts/button.tsx';
import { failureSentence } from '../../parts/failure.ts';
import { focusHeadingSoon } from '../../parts/lost-focus.ts';
import { usePageTitle } from '../../parts/page-title.ts';
import { Banner, Empty } from '../../parts/panel.tsx';
import { useSession, useWorkspace } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import { ImportDialog, NewPipelineDialog } from '../asked-for.tsx';
import classes from './first-steps.module.css';
import { loadExample } from './load-example.ts';

const text = strings.list.first;

export function FirstSteps() {
  const { docId, canEdit } = useWorkspace();
  const { client } = useSession();
  const mayEdit = useStore(canEdit);
  const navigate = useNavigate();
  usePageTitle(`${strings.list.title} · ${docId}`, 'screen');
  const [asked, ask] = useState<'new' | 'import'>();
  const [failure, setFailure] = useState<string>();
  // The list comes in its place.
  useEffect(() => focusHeadingSoon, []);
  const load = (): Promise<void> =>
    loadExample(client.apply, docId).then(
      () => announce(text.loaded),
      (error) => setFailure(`${text.notLoaded} ${failureSentence(error)}`),
    );
  if (!mayEdit)
    return (
      <Empty title={strings.list.title}>
        <p>{text.viewer}</p>
      </Empty>
    );
  return (
    <div className={classes.page}>
      <header className={classes.intro}>
        <h1>{text.title}</h1>
        <p>{text.explain}</p>
      </header>
      {failure && <Banner tone="bad">{failure}</Banner>}
      <ol className={classes.steps} aria-label={text.steps}>
        <li className={classes.now} aria-current="step">
          <h2>{text.one}</h2>
          <p>{text.exampleHint}</p>
          <div className={classes.ways}>
            <Button look="primary" onClick={load}>
              {text.example}
            </Button>
            <Button onClick={() => ask('new')}>{text.own}</Button>
            <Button onClick={() => ask('import')}>{text.import}</Button>
          </div>
        </li>
        <li>
          <h2>{text.two}</h2>
          <p>{text.twoHint}</p>
        </li>
        <li>
          <h2>{text.three}</h2>
          <p>{text.threeHint}</p>
        </li>
        <li>
          <h2>{text.four}</h2>
          <p>{text.fourHint}</p>
        </li>
      </ol>
      <Suspense>
        {asked === 'new' && (
          <NewPipelineDialog
            group=""
            created={(key) => void navigate({ to: '/docs/$doc/pipelines/$key', params: { doc: docId, key } })}
            close={() => ask(undefined)}
          />
        )}
        {asked === 'import' && <ImportDialog close={() => ask(undefined)} />}
      </Suspense>
    </div>
  );
}
