// What runs and what ran, newest first, asked for again while somebody looks.
import type { RunState } from '@hakiri/contracts/scheduler';
import { RUN_STATES } from '@hakiri/contracts/scheduler';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { usePoll } from '../live/use-poll.ts';
import { SelectField } from '../parts/field.tsx';
import { Empty, Waiting } from '../parts/panel.tsx';
import { Filters } from '../parts/screen.tsx';
import { useSession } from '../screen/context.ts';
import { PolledBanner } from '../screen/polled-banner.tsx';
import { runs as runsWords } from '../strings/en-runs.ts';
import { strings } from '../strings/strings.ts';
import { DurationChart } from './duration-chart.tsx';
import { PipelineFilter } from './pipeline-filter.tsx';
import { pollMs } from './run-facts.ts';
import type { RunSearch } from './run-search.ts';
import { RunTable } from './run-table.tsx';

const text = runsWords;
const PAGE_RUNS = 100;
const route = getRouteApi('/runs/');

export function RunsScreen() {
  const { client } = useSession();
  const { pipeline, state, after }: RunSearch = route.useSearch();
  const navigate = useNavigate();
  const polled = usePoll(
    `${pipeline}\n${state}\n${after}`,
    () =>
      client.runs.list({
        limit: PAGE_RUNS,
        ...(pipeline ? { pipeline } : {}),
        ...(state ? { state } : {}),
        ...(after ? { after } : {}),
      }),
    (page) => pollMs(page?.runs ?? []),
  );
  const page = polled.value;
  const show = (next: RunSearch) => navigate({ to: '/runs', search: next, replace: true });
  const ofState = (value: string): { state?: RunState } => {
    const known = RUN_STATES.find((one) => one === value);
    return known ? { state: known } : {};
  };
  return (
    <>
      <Filters>
        <PipelineFilter
          key={pipeline}
          pipeline={pipeline}
          choose={(next) => show({ ...(state ? { state } : {}), ...next })}
        />
        <SelectField
          label={text.state}
          value={state ?? ''}
          onChange={(event) => show({ ...(pipeline ? { pipeline } : {}), ...ofState(event.target.value) })}
          options={[
            { value: '', label: text.anyState },
            ...RUN_STATES.map((value) => ({ value, label: text.states[value] })),
          ]}
        />
      </Filters>
      <PolledBanner polled={polled} />
      {pipeline && page?.runs.length !== 0 && <DurationChart runs={page?.runs ?? []} />}
      {!page && polled.isAsking && <Waiting>{strings.parts.loading}</Waiting>}
      {page && page.runs.length > 0 && <RunTable page={page} search={{ pipeline, state, after }} />}
      {page?.runs.length === 0 && <NoRuns isFiltered={Boolean(pipeline ?? state ?? after)} />}
    </>
  );
}

function NoRuns({ isFiltered }: { isFiltered: boolean }) {
  const words = text.list;
  return (
    <Empty icon={<Play aria-hidden />} title={isFiltered ? words.noneFound : words.none}>
      <p>{isFiltered ? words.noneFoundWhy : words.noneWhy}</p>
      {isFiltered ? <Link to="/runs">{words.showAll}</Link> : <Link to="/">{words.toPipelines}</Link>}
    </Empty>
  );
}
