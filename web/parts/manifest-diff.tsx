// What differs between two manifests, entry by entry: what is new, what goes, and each field of what is another.
import type { ManifestDiff, PipelineChange } from '@hakiri/contracts/apply';
import type { ReactNode } from 'react';
import { strings } from '../strings/strings.ts';
import { FieldChanges } from './field-changes.tsx';
import classes from './manifest-diff.module.css';
import { Badge, type Tone } from './panel.tsx';

const text = strings.parts.diff;
const SHOWN_LIMIT = 200;
const TONES: Record<PipelineChange['kind'], Tone> = { added: 'good', removed: 'bad', changed: 'info' };

export function ManifestChanges({
  diff,
  tools,
}: {
  diff: Pick<ManifestDiff, 'pipelines' | 'variables'>;
  /** What can be done with one pipeline of it. */
  tools?: (change: PipelineChange) => ReactNode;
}) {
  const { pipelines, variables } = diff;
  if (pipelines.length + variables.length === 0) return <p className={classes.more}>{text.same}</p>;
  return (
    <div className={classes.diff}>
      <Entries title={text.pipelines} changes={pipelines} tools={tools} />
      <Entries title={text.variables} changes={variables} />
    </div>
  );
}

function Entries({
  title,
  changes,
  tools,
}: {
  title: string;
  changes: readonly PipelineChange[];
  tools?: ((change: PipelineChange) => ReactNode) | undefined;
}) {
  if (changes.length === 0) return null;
  return (
    <section aria-label={title}>
      <ul className={classes.entries}>
        {changes.slice(0, SHOWN_LIMIT).map((change) => (
          <li key={change.key} className={classes.entry}>
            <div className={classes.head}>
              <ChangeBadge change={change} />
              <strong className={classes.id}>{change.id}</strong>
              <span className={classes.tools}>{tools?.(change)}</span>
            </div>
            {change.kind === 'changed' && <FieldChanges fields={change.fields} />}
          </li>
        ))}
      </ul>
      {changes.length > SHOWN_LIMIT && (
        <p className={classes.more}>{text.more(changes.length - SHOWN_LIMIT)}</p>
      )}
    </section>
  );
}

export function ChangeBadge({ change }: { change: PipelineChange }) {
  const isMoved = change.kind === 'changed' && change.moved === true;
  return <Badge tone={TONES[change.kind]}>{isMoved ? text.moved : text[change.kind]}</Badge>;
}
