// What the nodes of a run said: as it comes while the run goes on, found by step and words, taken along as text.
import type { Run } from '@hakiri/contracts/scheduler';
import { ScrollText } from 'lucide-react';
import { useMemo, useState } from 'react';
import { usePoll } from '../live/use-poll.ts';
import { announce } from '../parts/announce.ts';
import { Button } from '../parts/button.tsx';
import { SelectField, TextField } from '../parts/field.tsx';
import { Empty, Panel, Waiting } from '../parts/panel.tsx';
import { saveFile } from '../parts/save-file.ts';
import { useSession } from '../screen/context.ts';
import { PolledBanner } from '../screen/polled-banner.tsx';
import { runLog as text } from '../strings/en-run-log.ts';
import { strings } from '../strings/strings.ts';
import { LogLines } from './log-lines.tsx';
import { createLogTail, type LogTail, logText, shownLines } from './log-tail.ts';
import { isOpen, pollMs } from './run-facts.ts';
import classes from './run-log.module.css';

export function RunLog({ run }: { run: Run }) {
  const { client } = useSession();
  const { id } = run;
  const look = useMemo(() => createLogTail((after) => client.runs.logsSince(id, after)), [client, id]);
  const polled = usePoll(`log of ${id}`, look, (tail) => pollMs(tail ? [tail] : []));
  const tail = polled.value;
  return (
    <Panel
      title={text.title}
      isFlush={tail !== undefined && tail.lines.length > 0}
      tools={tail && tail.lines.length > 0 && <Take run={run} tail={tail} />}
    >
      <PolledBanner polled={polled} />
      {!tail && polled.isAsking && <Waiting>{strings.parts.loading}</Waiting>}
      {tail?.lines.length === 0 && <NoLines hasEnded={!isOpen(tail)} />}
      {tail && tail.lines.length > 0 && <Lines tail={tail} />}
    </Panel>
  );
}

function Lines({ tail: { lines, steps, state } }: { tail: LogTail }) {
  const [step, setStep] = useState('');
  const [find, setFind] = useState('');
  const shown = useMemo(() => shownLines(lines, { step, find }), [lines, step, find]);
  const showAll = (): void => {
    setStep('');
    setFind('');
  };
  return (
    <>
      <div className={classes.filters}>
        <TextField
          label={text.find}
          type="search"
          value={find}
          onChange={(event) => setFind(event.target.value)}
        />
        <SelectField
          label={text.step}
          value={step}
          onChange={(event) => setStep(event.target.value)}
          options={[
            { value: '', label: text.everyStep },
            ...steps.map((name) => ({ value: name, label: name })),
          ]}
        />
        <span className={classes.count} role="status">
          {shown.length === lines.length ? text.lines(lines.length) : text.found(shown.length, lines.length)}
        </span>
      </div>
      {shown.length > 0 && <LogLines lines={shown} find={find} isLive={isOpen({ state })} />}
      {shown.length === 0 && (
        <p className={classes.none}>
          {text.noneFound} <Button onClick={showAll}>{text.showAll}</Button>
        </p>
      )}
    </>
  );
}

/** All lines, whatever is looked for. */
function Take({ run, tail: { lines } }: { run: Run; tail: LogTail }) {
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(logText(lines));
    announce(text.copied);
  };
  const download = (): void => saveFile(`${run.pipeline}-${run.id}.log`, 'text/plain', logText(lines));
  return (
    <>
      {/* A page without https has no clipboard. */}
      {navigator.clipboard && <Button onClick={copy}>{text.copy}</Button>}
      <Button onClick={download}>{text.download}</Button>
    </>
  );
}

function NoLines({ hasEnded }: { hasEnded: boolean }) {
  return (
    <Empty icon={<ScrollText aria-hidden />} title={hasEnded ? text.emptyEnded : text.empty}>
      <p>{hasEnded ? text.emptyEndedWhy : text.emptyWhy}</p>
    </Empty>
  );
}
