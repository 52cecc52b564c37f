// One run: what became of it and why, its steps as they finish, its log, and what may be done about it.

import { ApiProblem } from '@hakiri/client/errors';
import type { RunDetail } from '@hakiri/contracts/scheduler';
import { getRouteApi, Link } from '@tanstack/react-router';
import { usePoll } from '../live/use-poll.ts';
import { Fact, Facts } from '../parts/facts.tsx';
import { Moment } from '../parts/moment.tsx';
import { usePageTitle } from '../parts/page-title.ts';
import { Banner, Empty, Panel, Waiting } from '../parts/panel.tsx';
import { useSession } from '../screen/context.ts';
import { PolledBanner } from '../screen/polled-banner.tsx';
import { runs as runsWords } from '../strings/en-runs.ts';
import { strings } from '../strings/strings.ts';
import { RunActions } from './run-actions.tsx';
import { isOpen, pollMs } from './run-facts.ts';
import { RunLog } from './run-log.tsx';
import { RunStateBadge } from './run-state.tsx';
import { RunSteps } from './run-steps.tsx';
import { Duration } from './run-table.tsx';
import classes from './runs.module.css';

const text = runsWords;
const words = text.one;
const route = getRouteApi('/runs/$id');

export function RunScreen() {
  const { client } = useSession();
  const { id } = route.useParams();
  const polled = usePoll(
    id,
    () => client.runs.show(id),
    (run) => pollMs(run ? [run] : []),
  );
  const { value: run, failure } = polled;
  usePageTitle(run?.pipeline ?? '', 'detail');
  const isMissing = failure instanceof ApiProblem && failure.problem.code === 'not_found';
  if (isMissing)
    return (
      <Empty title={words.missing}>
        <p>{words.missingWhy}</p>
        <Link to="/runs">{words.back}</Link>
      </Empty>
    );
  return (
    <>
      <p className={classes.ways}>
        <Link to="/runs">{words.back}</Link>
        {run && (
          <Link to="/runs" search={{ pipeline: run.pipeline }}>
            {words.ofPipeline(run.pipeline)}
          </Link>
        )}
      </p>
      <PolledBanner polled={polled} />
      {!run && polled.isAsking && <Waiting>{strings.parts.loading}</Waiting>}
      {run && <Outcome run={run} />}
      {run && <About run={run} changed={polled.refresh} />}
      {run && <RunSteps run={run} />}
      {run && <RunLog key={run.id} run={run} />}
    </>
  );
}

function Outcome({ run }: { run: RunDetail }) {
  if (run.cancelRequested)
    return <Banner tone="warn">{words.cancelRequested(run.node ?? words.noNode)}</Banner>;
  if (run.state === 'failed') return <Banner tone="bad">{words.sentence(run)}</Banner>;
  const tone = run.state === 'succeeded' ? 'good' : run.state === 'cancelled' ? 'warn' : 'info';
  return (
    <Banner tone={tone}>
      {words.sentence(run)}
      {isOpen(run) && run.fence > 1 && ` ${words.resumed(run.fence)}`}
    </Banner>
  );
}

function About({ run, changed }: { run: RunDetail; changed(): Promise<void> }) {
  const title = (
    <>
      <span className={classes.id}>{run.pipeline}</span> <RunStateBadge run={run} />
    </>
  );
  return (
    <Panel title={title} tools={<RunActions run={run} changed={changed} />}>
      <Facts>
        <Fact name={text.list.why}>{text.causes[run.cause]}</Fact>
        <Fact name={words.due}>
          <Moment at={run.dueAt} isExact />
        </Fact>
        <Fact name={words.started}>
          {run.startedAt ? <Moment at={run.startedAt} isExact /> : text.durationNone}
        </Fact>
        <Fact name={words.finished}>
          {run.finishedAt ? <Moment at={run.finishedAt} isExact /> : text.durationNone}
        </Fact>
        <Fact name={words.duration}>
          <Duration run={run} />
        </Fact>
        <Fact name={words.attempt}>{run.fence}</Fact>
        <Fact name={words.node}>{run.node ?? words.noNode}</Fact>
        <Fact name={words.revision}>{words.version(run.revision)}</Fact>
        <Fact name={words.id} isCode>
          {run.id}
        </Fact>
      </Facts>
    </Panel>
  );
}
