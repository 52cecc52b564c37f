// The facts of a revision, one line each.
import type { ManifestDiff } from '@hakiri/contracts/apply';
import type { Revision } from '@hakiri/contracts/revision';
import { Moment } from '../parts/moment.tsx';
import { Avatar } from '../parts/person.tsx';
import { PersonName } from '../parts/person-name.tsx';
import { useSession } from '../screen/context.ts';
import { revisions as revisionsWords } from '../strings/en-revisions.ts';
import { kindsWords } from '../strings/kinds.ts';
import classes from './revision-detail.module.css';
import { kilobytes, scopeText } from './revision-words.ts';

const text = revisionsWords;

export function RevisionFacts({
  revision,
  diff,
}: {
  revision: Revision;
  diff: Pick<ManifestDiff, 'pipelines' | 'variables'>;
}) {
  const { nameOf } = useSession();
  const { author, publishedAt, message, minor, scope, doc, version, pipelines, sizeBytes, digest } = revision;
  const name = nameOf(author);
  return (
    <dl className={classes.facts}>
      <dt>{text.facts.author}</dt>
      <dd className={classes.person}>
        <Avatar user={author} name={name} isSmall /> <PersonName>{name}</PersonName>
      </dd>
      <dt>{text.facts.at}</dt>
      <dd>
        <Moment at={publishedAt} />
      </dd>
      <dt>{text.facts.message}</dt>
      <dd>{minor > 0 ? text.minorHint : message === '' ? text.noMessage : message}</dd>
      <dt>{text.facts.scope}</dt>
      <dd>{scopeText(scope)}</dd>
      <dt>{text.facts.changed}</dt>
      <dd>{kindsWords(diff.pipelines, diff.variables)}</dd>
      <dt>{text.facts.document}</dt>
      <dd>
        {doc} {text.facts.version} <code className={classes.code}>{version}</code>
      </dd>
      <dt>{text.facts.holds}</dt>
      <dd>{text.facts.size(pipelines, kilobytes(sizeBytes))}</dd>
      <dt>{text.facts.digest}</dt>
      <dd>
        <code className={classes.code}>{digest}</code>
      </dd>
      {revision.signature && (
        <>
          <dt>{text.facts.signed}</dt>
          <dd>
            <code className={classes.code}>{revision.signature.key}</code>
          </dd>
        </>
      )}
    </dl>
  );
}
