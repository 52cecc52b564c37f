// A difference to look at as fields or as TOML text, whichever says more. The text is asked for when somebody wants to see it.
import type { ManifestDiff, PipelineChange } from '@hakiri/contracts/apply';
import { type ReactNode, useCallback, useMemo, useState } from 'react';
import { type Loaded, useLoaded } from '../live/use-loaded.ts';
import { strings } from '../strings/strings.ts';
import { Button } from './button.tsx';
import { classNames } from './class-names.ts';
import classes from './diff-view.module.css';
import { ManifestChanges } from './manifest-diff.tsx';
import { newFields } from './new-entry.ts';
import { Banner, Waiting } from './panel.tsx';
import { TextDiff } from './text-diff.tsx';
import { type TomlDiff, tomlDiff } from './toml-diff.ts';

const text = strings.parts.diff;

export function DiffView({
  diff,
  texts,
  after,
  tools,
  failure,
}: {
  diff: Pick<ManifestDiff, 'pipelines' | 'variables'>;
  /** The two texts to compare; the same function while they are the same. */
  texts: () => Promise<{ before: string; after: string }>;
  /** The second of them where it is at hand: it says what is in entries that are new. */
  after?: string | undefined;
  tools?: (change: PipelineChange) => ReactNode;
  failure(error: unknown): string;
}) {
  const [shown, show] = useState<'fields' | 'text'>('fields');
  const load = useCallback(async () => {
    const { before, after } = await texts();
    return tomlDiff(before, after);
  }, [texts]);
  const loaded = useLoaded(shown === 'text' ? load : undefined);
  const fieldsOfNew = useMemo(() => (after === undefined ? undefined : newFields(after)), [after]);
  const choice = (value: typeof shown, label: string) => (
    <button
      type="button"
      aria-pressed={shown === value}
      className={classNames(classes.choice, shown === value && classes.chosen)}
      onClick={() => show(value)}
    >
      {label}
    </button>
  );
  return (
    <div className={classes.view}>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for what is sent with a form */}
      <div role="group" aria-label={text.shownAs} className={classes.choices}>
        {choice('fields', text.asFields)}
        {choice('text', text.asText)}
      </div>
      {shown === 'fields' ? (
        <ManifestChanges diff={diff} newFields={fieldsOfNew} {...(tools ? { tools } : {})} />
      ) : (
        <LoadedText loaded={loaded} failure={failure} />
      )}
    </div>
  );
}

function LoadedText({ loaded, failure }: { loaded: Loaded<TomlDiff>; failure(error: unknown): string }) {
  if (loaded.kind === 'loading') return <Waiting>{strings.parts.loading}</Waiting>;
  if (loaded.kind === 'loaded') return <TextDiff diff={loaded.value} />;
  return (
    <Banner tone="bad" actions={<Button onClick={loaded.again}>{strings.parts.tryAgain}</Button>}>
      {failure(loaded.error)}
    </Banner>
  );
}
