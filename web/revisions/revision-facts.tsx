// The facts of a revision: why it was made first, then the rest.
import type { ManifestDiff } from '@hakiri/contracts/apply';
import type { Revision } from '@hakiri/contracts/revision';
import { Fact, Facts } from '../parts/facts.tsx';
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
    <>
      <p className={classes.lead}>{minor > 0 ? text.minorHint : message === '' ? text.noMessage : message}</p>
      <Facts>
        <Fact name={text.facts.author}>
          <span className={classes.person}>
            <Avatar user={author} name={name} isSmall /> <PersonName>{name}</PersonName>
          </span>
        </Fact>
        {revision.approvedBy && (
          <Fact name={text.facts.approvedBy}>
            <PersonName>{revision.approvedBy.map(nameOf).join(', ')}</PersonName>
          </Fact>
        )}
        <Fact name={text.facts.at}>
          <Moment at={publishedAt} />
        </Fact>
        <Fact name={text.facts.scope}>{scopeText(scope)}</Fact>
        <Fact name={text.facts.changed}>{kindsWords(diff.pipelines, diff.variables)}</Fact>
        <Fact name={text.facts.holds}>{text.facts.size(pipelines, kilobytes(sizeBytes))}</Fact>
        <Fact name={text.facts.document}>{doc}</Fact>
        <Fact name={text.facts.version} isCode>
          {version}
        </Fact>
        <Fact name={text.facts.digest} isCode>
          {digest}
        </Fact>
        {revision.signature && (
          <Fact name={text.facts.signed} isCode>
            {revision.signature.key}
          </Fact>
        )}
      </Facts>
    </>
  );
}
