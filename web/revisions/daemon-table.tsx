// Daemons as a table; one below the other where the page is narrow.
import type { Daemon } from '@hakiri/contracts/delivery';
import { Link } from '@tanstack/react-router';
import { Hint } from '../parts/hint.tsx';
import { Moment } from '../parts/moment.tsx';
import { Badge } from '../parts/panel.tsx';
import { useSession } from '../screen/context.ts';
import { revisions as revisionsWords } from '../strings/en-revisions.ts';
import classes from './daemon-table.module.css';
import { standingOf } from './daemon-words.ts';

const text = revisionsWords.daemons;

export function DaemonTable({ daemons }: { daemons: readonly Daemon[] }) {
  return (
    <div className={classes.scroller}>
      <table className={classes.table} aria-label={text.title}>
        <thead>
          <tr>
            <th scope="col">{text.name}</th>
            <th scope="col">{text.runs}</th>
            <th scope="col">{text.standing}</th>
            <th scope="col">{text.since}</th>
            <th scope="col">{text.lastSeen}</th>
            <th scope="col">{text.token}</th>
          </tr>
        </thead>
        <tbody>
          {daemons.map((daemon) => (
            <DaemonRow key={`${daemon.token} ${daemon.name}`} daemon={daemon} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function DaemonRow({ daemon }: { daemon: Daemon }) {
  const { nameOf } = useSession();
  const { name, label, since, lastSeen, token } = daemon;
  const { tone, word, why } = standingOf(daemon);
  const badge = (
    <span>
      <Badge tone={tone}>{word}</Badge>
    </span>
  );
  return (
    <tr>
      <th scope="row" className={classes.name}>
        {name}
      </th>
      <td data-label={text.runs}>
        {label === undefined ? (
          text.noRevision
        ) : (
          <Link to="/revisions/$label" params={{ label }}>
            {label}
          </Link>
        )}
      </td>
      <td data-label={text.standing}>{why === undefined ? badge : <Hint text={why}>{badge}</Hint>}</td>
      <td data-label={text.since}>
        <Moment at={since} isRelative />
      </td>
      <td data-label={text.lastSeen}>
        <Moment at={lastSeen} isRelative />
      </td>
      <td data-label={text.token} className={classes.faint}>
        {nameOf(token)}
      </td>
    </tr>
  );
}
