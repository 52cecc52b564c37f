// A run's finished steps, each with what it left behind, and that more is to come.
import type { RunDetail } from '@hakiri/contracts/scheduler';
import { LoaderCircle } from 'lucide-react';
import { Moment } from '../parts/moment.tsx';
import { Panel } from '../parts/panel.tsx';
import { Table } from '../parts/table.tsx';
import { runs as runsWords } from '../strings/en-runs.ts';
import { isOpen, resultText, type StepRow, stepRows } from './run-facts.ts';
import classes from './runs.module.css';

const text = runsWords;
const words = text.one;
const COLUMNS = [
  { name: words.step },
  { name: words.stepFinished },
  { name: words.stepTook },
  { name: words.stepAttempt },
  { name: words.stepResult },
];

export function RunSteps({ run }: { run: RunDetail }) {
  const rows = stepRows(run);
  const isRunning = run.state === 'claimed' || run.state === 'running';
  return (
    <Panel title={words.steps} isFlush={rows.length > 0}>
      {rows.length === 0 && <p>{isOpen(run) ? words.noSteps : words.noStepsEnded}</p>}
      {rows.length > 0 && (
        <Table caption={words.stepsCaption} columns={COLUMNS} isFlush>
          {rows.map((row) => (
            <Step key={row.index} row={row} />
          ))}
        </Table>
      )}
      {isRunning && rows.length > 0 && (
        <p className={classes.next}>
          <LoaderCircle aria-hidden />
          {words.next}
        </p>
      )}
    </Panel>
  );
}

function Step({ row }: { row: StepRow }) {
  const { text: shown, more } = resultText(row.result);
  return (
    <tr>
      <th scope="row" className={classes.id}>
        {row.index + 1}. {row.name}
      </th>
      <td>
        <Moment at={row.finishedAt} isExact />
      </td>
      <td>{row.tookMs === undefined ? text.durationNone : text.duration(row.tookMs)}</td>
      <td>{row.fence}</td>
      <td>
        <details>
          <summary>{words.showResult}</summary>
          <pre className={classes.result}>
            {shown}
            {more > 0 && `\n${words.cut(more)}`}
          </pre>
        </details>
      </td>
    </tr>
  );
}
