// What was applied: the timeline, and beside it one revision, or two compared.
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { ArrowLeft, History } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useStore } from '../live/use-store.ts';
import { Button } from '../parts/button.tsx';
import { classNames } from '../parts/class-names.ts';
import { failureSentence } from '../parts/failure.ts';
import { usePageTitle } from '../parts/page-title.ts';
import { Banner, Empty, Waiting } from '../parts/panel.tsx';
import { ScreenHead } from '../parts/screen.tsx';
import { useCommands } from '../screen/commands.ts';
import { useSession, useWorkspace } from '../screen/context.ts';
import { revisions as revisionsWords } from '../strings/en-revisions.ts';
import { strings } from '../strings/strings.ts';
import { Compare } from './compare.tsx';
import { NoSuchRevision } from './no-such-revision.tsx';
import { RevisionDetail } from './revision-detail.tsx';
import { neighbour } from './revision-words.ts';
import classes from './revisions-screen.module.css';
import { openTimeline, type Timeline } from './timeline.ts';
import { TimelineList } from './timeline-list.tsx';

const text = revisionsWords;

export function RevisionsScreen() {
  const { client, names } = useSession();
  const { live } = useWorkspace();
  useStore(names);
  const [timeline, setTimeline] = useState<Timeline>();
  useEffect(() => {
    const next = openTimeline(client.apply, live);
    setTimeline(next);
    return () => next.close();
  }, [client, live]);
  return (
    <div className={classes.screen}>
      <ScreenHead title={text.title} about={text.about} />
      {timeline && <Opened timeline={timeline} />}
    </div>
  );
}

function Opened({ timeline }: { timeline: Timeline }) {
  const navigate = useNavigate();
  const { kind, revisions, next, failure } = useStore(timeline.state);
  const { label } = useParams({ strict: false });
  const { from, to } = useSearch({ strict: false });
  const isComparing = from !== undefined && to !== undefined;
  // Whoever reads the newest, or writes a message to its revert, goes on when a newer one comes.
  const [begun, setBegun] = useState<string>();
  const newest = kind === 'loading' ? undefined : revisions[0]?.label;
  if (begun === undefined && newest !== undefined) setBegun(newest);
  const shown = label ?? begun ?? newest;
  usePageTitle(isComparing ? revisionsWords.compare.title(from, to) : (label ?? ''), 'detail');
  const labels = revisions.map((revision) => revision.label);
  const go = (step: 1 | -1) => () => {
    const target = neighbour(labels, label, step);
    if (target) return navigate({ to: '/revisions/$label', params: { label: target } });
  };
  useCommands([
    { id: 'revisions.next', label: text.next, keys: 'j', run: go(1) },
    { id: 'revisions.previous', label: text.previous, keys: 'k', run: go(-1) },
  ]);
  if (kind === 'loading') return <Waiting>{strings.parts.loading}</Waiting>;
  if (kind === 'known' && revisions.length === 0)
    return label === undefined ? <NoRevisions /> : <NoSuchRevision label={label} />;
  return (
    <div className={classNames(classes.body, (label !== undefined || isComparing) && classes.chosen)}>
      <nav aria-label={text.list} className={classes.timeline}>
        <TimelineList revisions={revisions} shown={isComparing ? undefined : shown} />
        {failure !== undefined && <Banner tone="bad">{failureSentence(failure)}</Banner>}
        {(next !== undefined || kind === 'failed') && (
          <div className={classes.more}>
            <Button onClick={timeline.more}>{kind === 'failed' ? strings.parts.tryAgain : text.older}</Button>
          </div>
        )}
      </nav>
      <div className={classes.detail}>
        <Link to="/revisions" search={{}} className={classes.back}>
          <ArrowLeft aria-hidden /> {text.all}
        </Link>
        {isComparing ? (
          <Compare key={`${from} ${to}`} from={from} to={to} labels={labels} />
        ) : (
          shown && <RevisionDetail key={shown} label={shown} labels={labels} />
        )}
      </div>
    </div>
  );
}

function NoRevisions() {
  const { docId } = useWorkspace();
  return (
    <Empty icon={<History aria-hidden />} title={text.none.title}>
      <p>{text.none.explain}</p>
      <Link to="/docs/$doc/changes" params={{ doc: docId }}>
        {text.none.toChanges}
      </Link>
    </Empty>
  );
}
