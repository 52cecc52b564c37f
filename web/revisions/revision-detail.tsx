// One revision: who, when, why, from which version of the document, what it changed; and what can be done from here.
import type { PipelineChange } from '@hakiri/contracts/apply';
import { useNavigate } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { useCallback, useState } from 'react';
import { useLoaded } from '../live/use-loaded.ts';
import { useStore } from '../live/use-store.ts';
import { Button } from '../parts/button.tsx';
import { DiffView } from '../parts/diff-view.tsx';
import { codeOf, failureSentence } from '../parts/failure.ts';
import { SelectField } from '../parts/field.tsx';
import { Badge, Banner, Panel, Waiting } from '../parts/panel.tsx';
import { saveFile } from '../parts/save-file.ts';
import { useSession, useWorkspace } from '../screen/context.ts';
import { revisions as revisionsWords } from '../strings/en-revisions.ts';
import { strings } from '../strings/strings.ts';
import { NoSuchRevision } from './no-such-revision.tsx';
import { RevertDialog } from './revert-dialog.tsx';
import classes from './revision-detail.module.css';
import { RevisionFacts } from './revision-facts.tsx';

const text = revisionsWords;
export const EMPTY_LABEL = 'v0';

export function RevisionDetail({ label, labels }: { label: string; labels: readonly string[] }) {
  const { client, may } = useSession();
  const { live } = useWorkspace();
  const latest = useStore(live.latest);
  const navigate = useNavigate();
  const [reverting, setReverting] = useState<{ pipeline?: PipelineChange }>();
  const [failure, setFailure] = useState<unknown>();
  const load = useCallback(
    async () => ({
      revision: await client.apply.revision(label),
      diff: await client.apply.diff(undefined, label),
    }),
    [client, label],
  );
  const loaded = useLoaded(load);
  const from = loaded.kind === 'loaded' ? loaded.value.diff.from : undefined;
  const texts = useCallback(() => textsOf(client, from, label), [client, from, label]);
  if (loaded.kind === 'loading') return <Waiting>{strings.parts.loading}</Waiting>;
  if (loaded.kind === 'failed' && isMissing(loaded.error)) return <NoSuchRevision label={label} />;
  if (loaded.kind === 'failed')
    return (
      <Banner tone="bad" actions={<Button onClick={loaded.again}>{strings.parts.tryAgain}</Button>}>
        {text.loadFailed} {failureSentence(loaded.error)}
      </Banner>
    );
  const { revision, diff } = loaded.value;
  const isLive = latest.kind === 'revision' && latest.revision.label === label;
  const canRevert = may('doc.write');
  const download = (): Promise<void> =>
    client.apply.body(label).then((toml) => saveFile(revision.file, 'application/toml', toml), setFailure);
  const compareWith = (other: string) => navigate({ to: '/revisions', search: { from: other, to: label } });
  return (
    <article className={classes.detail} aria-label={label}>
      <header className={classes.head}>
        <h2>{label}</h2>
        {isLive && <Badge tone="good">{text.facts.live}</Badge>}
        <div className={classes.tools}>
          <SelectField
            label={text.compareWith}
            isLabelHidden
            value=""
            options={[
              { value: '', label: `${text.compareWith}…` },
              ...labels.filter((other) => other !== label).map((other) => ({ value: other, label: other })),
              { value: EMPTY_LABEL, label: text.empty },
            ]}
            onChange={({ target }) => target.value !== '' && void compareWith(target.value)}
          />
          <Button onClick={download}>
            <Download aria-hidden /> {text.download}
          </Button>
          {canRevert && <Button onClick={() => setReverting({})}>{text.revertTo(label)}</Button>}
        </div>
      </header>
      {failure !== undefined && <Banner tone="bad">{failureSentence(failure)}</Banner>}
      <RevisionFacts revision={revision} diff={diff} />
      <Panel title={`${text.changes} ${text.against(diff.from)}`}>
        <DiffView
          diff={diff}
          texts={texts}
          failure={failureSentence}
          tools={(change) =>
            canRevert && change.kind !== 'removed' ? (
              <Button
                look="quiet"
                aria-label={text.revertThis(change.id, label)}
                onClick={() => setReverting({ pipeline: change })}
              >
                {text.revertPipeline}
              </Button>
            ) : null
          }
        />
      </Panel>
      {reverting && (
        <RevertDialog to={label} pipeline={reverting.pipeline} close={() => setReverting(undefined)} />
      )}
    </article>
  );
}

/** There is none under that label, or it is no label. */
function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'not_found' || code === 'malformed';
}

/** Both texts to compare; of the empty revision there is none. */
export async function textsOf(
  client: ReturnType<typeof useSession>['client'],
  from: string | undefined,
  to: string,
): Promise<{ before: string; after: string }> {
  const body = (label: string | undefined): Promise<string> | string =>
    label === undefined || label === EMPTY_LABEL ? '' : client.apply.body(label);
  const [before, after] = await Promise.all([body(from), body(to)]);
  return { before, after };
}
