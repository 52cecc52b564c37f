// Runs as rows: state, why, when, how long, where; a row leads to the run.
import type { Run, RunPage } from '@hakiri/contracts/scheduler';
import { Link } from '@tanstack/react-router';
import { Moment } from '../parts/moment.tsx';
import { Table } from '../parts/table.tsx';
import { runs as runsWords } from '../strings/en-runs.ts';
import { durationMs, isOpen } from './run-facts.ts';
import type { RunSearch } from './run-search.ts';
import { RunStateBadge } from './run-state.tsx';
import classes from './runs.module.css';

const text = runsWords;
const words = text.list;
const COLUMNS = [
  { name: text.pipeline },
  { name: text.state },
  { name: words.why },
  { name: words.due },
  { name: words.started },
  { name: words.duration },
  { name: words.attempt },
  { name: words.node },
];

export function RunTable({
  page,
  search: { pipeline, state, after },
}: {
  page: RunPage;
  search: { [Name in keyof RunSearch]: RunSearch[Name] | undefined };
}) {
  const kept = { ...(pipeline ? { pipeline } : {}), ...(state ? { state } : {}) };
  const foot = (page.next !== undefined || after !== undefined) && (
    <>
      {after !== undefined && (
        <Link to="/runs" search={kept}>
          {words.newest}
        </Link>
      )}
      {page.next !== undefined && (
        <Link to="/runs" search={{ ...kept, after: page.next }}>
          {words.older}
        </Link>
      )}
    </>
  );
  return (
    <Table caption={words.caption} columns={COLUMNS} foot={foot}>
      {page.runs.map((run) => (
        <RunRow key={run.id} run={run} />
      ))}
    </Table>
  );
}

function RunRow({ run }: { run: Run }) {
  return (
    <tr>
      <th scope="row">
        <Link to="/runs/$id" params={{ id: run.id }} className={classes.id}>
          {run.pipeline}
        </Link>
      </th>
      <td>
        <RunStateBadge run={run} />
      </td>
      <td>{text.causes[run.cause]}</td>
      <td>
        <Moment at={run.dueAt} isExact />
      </td>
      <td>{run.startedAt === undefined ? text.durationNone : <Moment at={run.startedAt} isRelative />}</td>
      <td>
        <Duration run={run} />
      </td>
      <td>{run.fence === 0 ? text.durationNone : run.fence}</td>
      <td className={classes.id}>{run.node ?? text.durationNone}</td>
    </tr>
  );
}

/** It is drawn with each answer of the server, which comes often while a run goes on. */
export function Duration({ run }: { run: Run }) {
  const ms = durationMs(run, Date.now());
  if (ms === undefined) return <>{text.durationNone}</>;
  return <>{isOpen(run) ? words.soFar(text.duration(ms)) : text.duration(ms)}</>;
}
