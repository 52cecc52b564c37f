// The ledger: what became of each tick that was due, and why.
import type { LedgerEntry } from '@hakiri/contracts/scheduler';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { CalendarClock } from 'lucide-react';
import { usePoll } from '../live/use-poll.ts';
import { Moment } from '../parts/moment.tsx';
import { Badge, Empty, type Tone, Waiting } from '../parts/panel.tsx';
import { Filters } from '../parts/screen.tsx';
import { Table } from '../parts/table.tsx';
import { useSession } from '../screen/context.ts';
import { PolledBanner } from '../screen/polled-banner.tsx';
import { runs as runsWords } from '../strings/en-runs.ts';
import { strings } from '../strings/strings.ts';
import { PipelineFilter } from './pipeline-filter.tsx';
import { CALM_POLL_MS } from './run-facts.ts';
import classes from './runs.module.css';

const text = runsWords;
const words = text.ledger;
const PAGE_ENTRIES = 100;
const TONES: Record<LedgerEntry['decision'], Tone> = {
  fired: 'good',
  late: 'info',
  skipped: 'warn',
  dropped: 'bad',
};
const COLUMNS = [
  { name: words.due },
  { name: text.pipeline },
  { name: words.decision },
  { name: words.reason },
  { name: words.run },
];
const route = getRouteApi('/runs/ledger');

export function LedgerScreen() {
  const { client } = useSession();
  const search = route.useSearch();
  const { pipeline, after } = search;
  const navigate = useNavigate();
  const polled = usePoll(
    `${pipeline}\n${after}`,
    () => client.runs.ledger({ ...search, limit: PAGE_ENTRIES }),
    () => CALM_POLL_MS,
  );
  const { value: page } = polled;
  const kept = pipeline ? { pipeline } : {};
  const foot = page && (page.next !== undefined || after !== undefined) && (
    <>
      {after !== undefined && (
        <Link to="/runs/ledger" search={kept}>
          {text.list.newest}
        </Link>
      )}
      {page.next !== undefined && (
        <Link to="/runs/ledger" search={{ ...kept, after: page.next }}>
          {words.older}
        </Link>
      )}
    </>
  );
  return (
    <>
      <p className={classes.soft}>{words.about}</p>
      <Filters>
        <PipelineFilter
          key={pipeline}
          pipeline={pipeline}
          choose={(next) => navigate({ to: '/runs/ledger', search: next, replace: true })}
        />
      </Filters>
      <PolledBanner polled={polled} />
      {!page && polled.isAsking && <Waiting>{strings.parts.loading}</Waiting>}
      {page?.entries.length === 0 && (
        <Empty icon={<CalendarClock aria-hidden />} title={pipeline ? words.noneFound : words.none}>
          <p>{words.noneWhy}</p>
        </Empty>
      )}
      {page && page.entries.length > 0 && (
        <Table caption={words.caption} columns={COLUMNS} foot={foot}>
          {page.entries.map((entry) => (
            <Row key={`${entry.key} ${entry.dueAt} ${entry.run ?? entry.reason}`} entry={entry} />
          ))}
        </Table>
      )}
    </>
  );
}

function Row({ entry: { dueAt, pipeline, decision, reason, count, run } }: { entry: LedgerEntry }) {
  return (
    <tr>
      <td>
        <Moment at={dueAt} isExact />
      </td>
      <th scope="row" className={classes.id}>
        {pipeline}
      </th>
      <td>
        <Badge tone={TONES[decision]}>{text.decisions[decision]}</Badge> {count > 1 && words.times(count)}
      </td>
      <td className={classes.reason}>{reason}</td>
      <td>
        {run !== undefined && (
          <Link to="/runs/$id" params={{ id: run }}>
            {words.toRun}
          </Link>
        )}
      </td>
    </tr>
  );
}
