// One conflict: both values with who and when, one press to have the other one, another to put it away.
import type { Notice } from '@hakiri/contracts/notice';
import { useSession, useWorkspace } from '../app/context.ts';
import { useStore } from '../live/use-store.ts';
import { announce } from '../parts/announce.ts';
import { Button } from '../parts/button.tsx';
import { Moment } from '../parts/moment.tsx';
import { Banner } from '../parts/panel.tsx';
import { strings } from '../strings/strings.ts';
import classes from './conflict-card.module.css';
import { tellNotice } from './notice-told.ts';

const text = strings.together.conflicts;

export function ConflictCard({ notice }: { notice: Notice }) {
  const { connection, canEdit } = useWorkspace();
  const mayEdit = useStore(canEdit);
  const { names, me } = useSession();
  const known = useStore(names);
  const { title, detail, sides, take } = tellNotice(notice, (user) =>
    user === me.user ? text.you : (known.get(user) ?? user),
  );
  const dismiss = (): void => connection.notices().dismiss(notice.id);
  const takeOther = (): void => {
    const isTaken = connection.notices().take(notice);
    const done = notice.take?.kind === 'restore' ? text.restored : text.taken;
    announce(isTaken ? done : text.late);
    if (!isTaken) dismiss();
  };
  return (
    <Banner
      tone="warn"
      actions={
        <>
          {take && mayEdit && <Button onClick={takeOther}>{take}</Button>}
          <Button look="quiet" onClick={dismiss}>
            {strings.parts.dismiss}
          </Button>
        </>
      }
    >
      <p>{title}</p>
      {detail && <p>{detail}</p>}
      {sides.length > 0 && (
        <dl className={classes.sides}>
          {sides.map(({ label, name, at, value }) => (
            <div key={label} className={classes.side}>
              <dt>{label}</dt>
              <dd>
                <code className={classes.value}>{value}</code>{' '}
                <span className={classes.who}>
                  {text.at(name)} <Moment at={at} isRelative />
                </span>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Banner>
  );
}
