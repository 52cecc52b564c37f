// What differs between two manifests, entry by entry: what is new, what goes, and each field of what is another.
import type { ManifestDiff, PipelineChange } from '@hakiri/contracts/apply';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { strings } from '../strings/strings.ts';
import { Button } from './button.tsx';
import { FieldChanges, Shown } from './field-changes.tsx';
import classes from './manifest-diff.module.css';
import { mostTelling } from './most-telling.ts';
import type { NewFields } from './new-entry.ts';
import { Badge, type Tone } from './panel.tsx';

const text = strings.parts.diff;
const SHOWN_LIMIT = 200;
/** Of more that are new each is unfolded by itself: what changes and what goes is not to be lost among them. */
const OPEN_LIMIT = 8;
const TONES: Record<PipelineChange['kind'], Tone> = { added: 'good', removed: 'bad', changed: 'info' };

export function ManifestChanges({
  diff,
  newFields,
  tools,
}: {
  diff: Pick<ManifestDiff, 'pipelines' | 'variables'>;
  /** What those that are new have; without it their names alone are shown. */
  newFields?: NewFields | undefined;
  /** What can be done with one pipeline of it. */
  tools?: (change: PipelineChange) => ReactNode;
}) {
  const { pipelines, variables } = diff;
  if (pipelines.length + variables.length === 0) return <p className={classes.more}>{text.same}</p>;
  return (
    <div className={classes.diff}>
      <Entries title={text.pipelines} changes={pipelines} newFields={newFields} tools={tools} />
      <Entries title={text.variables} changes={variables} newFields={newFields} />
    </div>
  );
}

function Entries({
  title,
  changes,
  newFields,
  tools,
}: {
  title: string;
  changes: readonly PipelineChange[];
  newFields: NewFields | undefined;
  tools?: ((change: PipelineChange) => ReactNode) | undefined;
}) {
  if (changes.length === 0) return null;
  const shown = mostTelling(changes, SHOWN_LIMIT);
  const areOpen = shown.filter(({ kind }) => kind === 'added').length <= OPEN_LIMIT;
  return (
    <section aria-label={title}>
      <ul className={classes.entries}>
        {shown.map((change) => (
          <li key={change.key} className={classes.entry}>
            <div className={classes.head}>
              <ChangeBadge change={change} />
              <strong className={classes.id}>{change.id}</strong>
              <span className={classes.tools}>{tools?.(change)}</span>
            </div>
            {change.kind === 'changed' && <FieldChanges fields={change.fields} />}
            {change.kind === 'added' && newFields && (
              <NewEntry change={change} newFields={newFields} isOpenAtFirst={areOpen} />
            )}
          </li>
        ))}
      </ul>
      {changes.length > SHOWN_LIMIT && (
        <p className={classes.more}>{text.more(changes.length - SHOWN_LIMIT)}</p>
      )}
    </section>
  );
}

/** Read only when it is unfolded. */
function NewEntry({
  change: { id, key },
  newFields,
  isOpenAtFirst,
}: {
  change: PipelineChange;
  newFields: NewFields;
  isOpenAtFirst: boolean;
}) {
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  const fields = isOpen ? newFields(key) : undefined;
  return (
    <>
      {!isOpenAtFirst && (
        <Button
          look="quiet"
          aria-expanded={isOpen}
          aria-label={text.showNew(id)}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? <ChevronDown aria-hidden /> : <ChevronRight aria-hidden />} {text.asFields}
        </Button>
      )}
      {fields && (
        <dl className={classes.facts}>
          {fields.map(({ label, value }) => (
            <div key={label} className={classes.fact}>
              <dt>{label}</dt>
              <dd>
                <Shown value={value} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}

export function ChangeBadge({ change }: { change: PipelineChange }) {
  const isMoved = change.kind === 'changed' && change.moved === true;
  return (
    <span className={classes.kind}>
      <Badge tone={TONES[change.kind]}>{isMoved ? text.moved : text[change.kind]}</Badge>
    </span>
  );
}
