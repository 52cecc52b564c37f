// Somebody saved while another changed: both versions in sentences, side by side, and the two ways on.
import type { ApplyPolicy, SavedPolicy } from '@hakiri/contracts/policy';
import { Button } from '../parts/button.tsx';
import { Banner } from '../parts/panel.tsx';
import { useSession } from '../screen/context.ts';
import { admin as adminWords } from '../strings/en-admin.ts';
import { policy as policyWords } from '../strings/en-policy.ts';
import classes from './admin.module.css';

const text = policyWords;

export function PolicyConflict({
  saved,
  mine,
  takeTheirs,
  keepMine,
}: {
  saved: SavedPolicy;
  mine: ApplyPolicy;
  takeTheirs(): void;
  keepMine(): void;
}) {
  const { nameOf } = useSession();
  const name = saved.savedBy === undefined ? '' : nameOf(saved.savedBy);
  const [theirLines, myLines] = [text.lines(saved.policy, nameOf), text.lines(mine, nameOf)];
  const actions = (
    <>
      <Button onClick={takeTheirs}>{adminWords.changed.takeTheirs}</Button>
      <Button onClick={keepMine}>{adminWords.changed.keepMine}</Button>
    </>
  );
  return (
    <Banner tone="bad" actions={actions}>
      <strong>{text.changedTitle(name)}</strong>
      <p>{text.changedExplain}</p>
      <div className={classes.versions}>
        <Version title={text.theirs(name)} lines={theirLines} other={myLines} />
        <Version title={text.mine} lines={myLines} other={theirLines} />
      </div>
    </Banner>
  );
}

function Version({
  title,
  lines,
  other,
}: {
  title: string;
  lines: readonly string[];
  other: readonly string[];
}) {
  return (
    <div>
      <h2>{title}</h2>
      <ul>
        {lines.map((line) => (
          <li key={line} className={other.includes(line) ? undefined : classes.other}>
            {line}
          </li>
        ))}
      </ul>
    </div>
  );
}
