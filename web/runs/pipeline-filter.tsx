// Which pipeline's rows: said by its id, which the server looks up.
import { X } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from '../parts/button.tsx';
import { TextField } from '../parts/field.tsx';
import { runs as runsWords } from '../strings/en-runs.ts';
import classes from './runs.module.css';

const text = runsWords;

export function PipelineFilter({
  pipeline,
  choose,
}: {
  pipeline: string | undefined;
  choose(next: { pipeline?: string }): unknown;
}) {
  const [typed, setTyped] = useState(pipeline ?? '');
  const commit = (value: string): void => {
    const next = value.trim();
    if (next !== (pipeline ?? '')) void choose(next === '' ? {} : { pipeline: next });
  };
  return (
    <form
      className={classes.filter}
      onSubmit={(event) => {
        event.preventDefault();
        commit(typed);
      }}
    >
      <TextField
        label={text.pipeline}
        placeholder={text.pipelineHint}
        isMono
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={() => commit(typed)}
      />
      {pipeline && (
        <IconButton label={text.list.showAll} onClick={() => choose({})}>
          <X aria-hidden />
        </IconButton>
      )}
    </form>
  );
}
