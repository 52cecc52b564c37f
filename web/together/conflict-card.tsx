// One conflict: both values with who and when, one press to have the other one, another to put it away.
import { groupPathOf } from '@hakiri/config-doc/groups';
import type { StandingNotice } from '../live/notices.ts';
import { useStore } from '../live/use-store.ts';
import { announce } from '../parts/announce.ts';
import { Button } from '../parts/button.tsx';
import { Moment } from '../parts/moment.tsx';
import { Banner } from '../parts/panel.tsx';
import { useSession, useWorkspace } from '../screen/context.ts';
import { strings } from '../strings/strings.ts';
import classes from './conflict-card.module.css';
import { tellNotice } from './notice-told.ts';

const text = strings.together.conflicts;

export function ConflictCard({ notice }: { notice: StandingNotice }) {
  const { connection, canEdit, groups } = useWorkspace();
  // A group may get another name.
  useStore(groups.tree);
  const mayEdit = useStore(canEdit);
  const { names, nameOf, me } = useSession();
  useStore(names);
  const { title, detail, sides, take, settled } = tellNotice(
    notice,
    {
      nameOf: (user) => (user === me.user ? text.you : nameOf(user)),
      groupOf: (id) => groupPathOf(connection.doc, id),
    },
    notice.standing,
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
      tone={settled ? 'info' : 'warn'}
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
      {settled && <p>{settled}</p>}
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
