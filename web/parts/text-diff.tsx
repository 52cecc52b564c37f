// A difference as text: lines with a sign before them, so that nothing is told by colour alone.
import { strings } from '../strings/strings.ts';
import { classNames } from './class-names.ts';
import type { DiffLine } from './diff-values.ts';
import classes from './text-diff.module.css';
import type { TomlDiff } from './toml-diff.ts';

const text = strings.parts.diff;
/** More are not drawn: whoever needs them downloads the whole. */
const LINES_LIMIT = 400;
const LOOK = { ' ': undefined, '+': classes.added, '-': classes.removed };

export function DiffLines({ lines }: { lines: readonly DiffLine[] }) {
  const shown = lines.slice(0, LINES_LIMIT);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be scrolled by key, too */}
      <pre className={classes.lines} tabIndex={0}>
        {shown.map(({ sign, text: line }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines are what they are by their place
          <span key={index} className={classNames(classes.line, LOOK[sign])}>
            <span aria-hidden>{sign} </span>
            {sign !== ' ' && (
              <span className="visually-hidden">{sign === '+' ? text.lineAdded : text.lineRemoved}</span>
            )}
            {line}
            {'\n'}
          </span>
        ))}
      </pre>
      {lines.length > shown.length && (
        <p className={classes.more}>{text.moreLines(lines.length - shown.length)}</p>
      )}
    </>
  );
}

export function TextDiff({ diff }: { diff: TomlDiff }) {
  if (diff.entries.length === 0) return <p className={classes.more}>{text.same}</p>;
  return (
    <div className={classes.entries}>
      {diff.entries.map(({ key, name, lines }) => (
        <section key={key} aria-label={name}>
          <p className={classes.name}>{name}</p>
          <DiffLines lines={lines} />
        </section>
      ))}
      {diff.more > 0 && <p className={classes.more}>{text.more(diff.more)}</p>}
    </div>
  );
}
