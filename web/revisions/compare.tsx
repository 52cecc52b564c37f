// Any two revisions beside each other.
import { Link, useNavigate } from '@tanstack/react-router';
import { ArrowLeftRight } from 'lucide-react';
import { useCallback } from 'react';
import { useLoaded } from '../live/use-loaded.ts';
import { Button } from '../parts/button.tsx';
import { DiffView } from '../parts/diff-view.tsx';
import { failureSentence } from '../parts/failure.ts';
import { SelectField } from '../parts/field.tsx';
import { Banner, Panel, Waiting } from '../parts/panel.tsx';
import { useSession } from '../screen/context.ts';
import { revisions as revisionsWords } from '../strings/en-revisions.ts';
import { strings } from '../strings/strings.ts';
import classes from './revision-detail.module.css';
import { EMPTY_LABEL, textsOf } from './revision-detail.tsx';

const text = revisionsWords;

export function Compare({ from, to, labels }: { from: string; to: string; labels: readonly string[] }) {
  const { client } = useSession();
  const navigate = useNavigate();
  const load = useCallback(() => client.apply.diff(from, to), [client, from, to]);
  const texts = useCallback(() => textsOf(client, from, to), [client, from, to]);
  const loaded = useLoaded(load);
  const options = [
    ...labels.map((label) => ({ value: label, label })),
    { value: EMPTY_LABEL, label: text.empty },
  ];
  const show = (search: { from: string; to: string }) => navigate({ to: '/revisions', search });
  return (
    <article className={classes.detail} aria-label={text.compare.title(from, to)}>
      <header className={classes.head}>
        <h2>{text.compare.title(from, to)}</h2>
        <div className={classes.tools}>
          <SelectField
            label={text.compare.from}
            isLabelHidden
            value={from}
            options={options}
            onChange={({ target }) => void show({ from: target.value, to })}
          />
          <Button onClick={() => show({ from: to, to: from })}>
            <ArrowLeftRight aria-hidden /> {text.compare.swap}
          </Button>
          <SelectField
            label={text.compare.to}
            isLabelHidden
            value={to}
            options={options}
            onChange={({ target }) => void show({ from, to: target.value })}
          />
          <Link to="/revisions/$label" params={{ label: to }}>
            {text.compare.back(to)}
          </Link>
        </div>
      </header>
      {loaded.kind === 'loading' && <Waiting>{strings.parts.loading}</Waiting>}
      {loaded.kind === 'failed' && (
        <Banner tone="bad" actions={<Button onClick={loaded.again}>{strings.parts.tryAgain}</Button>}>
          {failureSentence(loaded.error)}
        </Banner>
      )}
      {loaded.kind === 'loaded' && (
        <Panel title={text.changes}>
          <DiffView diff={loaded.value} texts={texts} failure={failureSentence} />
        </Panel>
      )}
    </article>
  );
}
