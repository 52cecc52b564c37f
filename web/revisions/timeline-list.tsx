// The timeline: one line for each Apply, and below it, when opened, the minor revisions that followed.
import type { Revision } from '@hakiri/contracts/revision';
import { Link } from '@tanstack/react-router';
import { classNames } from '../parts/class-names.ts';
import { Moment } from '../parts/moment.tsx';
import { Avatar } from '../parts/person.tsx';
import { PersonName } from '../parts/person-name.tsx';
import { useSession } from '../screen/context.ts';
import { revisions as revisionsWords } from '../strings/en-revisions.ts';
import { scopeText } from './revision-words.ts';
import { foldMinors } from './timeline.ts';
import classes from './timeline-list.module.css';

const text = revisionsWords;

export function TimelineList({
  revisions,
  shown,
}: {
  revisions: readonly Revision[];
  shown: string | undefined;
}) {
  return (
    <ol className={classes.list}>
      {foldMinors(revisions).map(({ number, main, minors }) => (
        <li key={number} className={classes.group}>
          {main && <RevisionLink revision={main} isShown={main.label === shown} />}
          {minors.length > 0 && (
            <details
              className={classes.minors}
              open={minors.some(({ label }) => label === shown) || undefined}
            >
              <summary>{text.minor(minors.length)}</summary>
              <ol>
                {minors.map((minor) => (
                  <li key={minor.label}>
                    <RevisionLink revision={minor} isShown={minor.label === shown} />
                  </li>
                ))}
              </ol>
            </details>
          )}
        </li>
      ))}
    </ol>
  );
}

function RevisionLink({ revision, isShown }: { revision: Revision; isShown: boolean }) {
  const { nameOf } = useSession();
  const { label, author, message, minor, publishedAt, scope } = revision;
  const name = nameOf(author);
  const why = minor > 0 ? text.minorBy(name) : message === '' ? text.noMessage : message;
  return (
    <Link
      to="/revisions/$label"
      params={{ label }}
      aria-current={isShown ? 'true' : undefined}
      className={classNames(classes.link, isShown && classes.shown)}
    >
      <span className={classes.label}>{label}</span>
      <span className={classNames(classes.why, message === '' && classes.faint)}>{why}</span>
      <span className={classes.meta}>
        <Avatar user={author} name={name} isSmall />
        <span>
          <PersonName>{name}</PersonName>, <Moment at={publishedAt} isRelative />
          {minor === 0 && `, ${scopeText(scope)}`}
        </span>
      </span>
    </Link>
  );
}
