// Daemons as a table.
import type { Daemon } from '@hakiri/contracts/delivery';
import { Link } from '@tanstack/react-router';
import { Hint } from '../parts/hint.tsx';
import { Moment } from '../parts/moment.tsx';
import { Badge } from '../parts/panel.tsx';
import { Table } from '../parts/table.tsx';
import { useSession } from '../screen/context.ts';
import { revisions as revisionsWords } from '../strings/en-revisions.ts';
import classes from './daemon-table.module.css';
import { standingOf } from './daemon-words.ts';

const text = revisionsWords.daemons;

const COLUMNS = [
  { name: text.name },
  { name: text.runs },
  { name: text.standing },
  { name: text.since },
  { name: text.lastSeen },
  { name: text.token },
];

export function DaemonTable({ daemons }: { daemons: readonly Daemon[] }) {
  return (
    <Table caption={text.title} columns={COLUMNS}>
      {daemons.map((daemon) => (
        <DaemonRow key={`${daemon.token} ${daemon.name}`} daemon={daemon} />
      ))}
    </Table>
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
      <td>
        {label === undefined ? (
          text.noRevision
        ) : (
          <Link to="/revisions/$label" params={{ label }}>
            {label}
          </Link>
        )}
      </td>
      <td>{why === undefined ? badge : <Hint text={why}>{badge}</Hint>}</td>
      <td>
        <Moment at={since} isRelative />
      </td>
      <td>
        <Moment at={lastSeen} isRelative />
      </td>
      <td className={classes.faint}>{nameOf(token)}</td>
    </tr>
  );
}
