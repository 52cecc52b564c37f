// The first Apply of a team: what it does, before it; what comes of it, after it.
import { Link } from '@tanstack/react-router';
import { useSession } from '../screen/context.ts';
import { changes as changesWords } from '../strings/en-changes.ts';
import classes from './first-apply.module.css';

const text = changesWords.first;

export function FirstLead({ canApply }: { canApply: boolean }) {
  return (
    <section className={classes.lead} aria-label={text.label}>
      <p>{text.explain}</p>
      {canApply && (
        <p>
          <strong>{text.next}</strong>
        </p>
      )}
    </section>
  );
}

export function AfterFirst({ close }: { close(): void }) {
  const { may } = useSession();
  return (
    <section className={classes.after}>
      <h3>{text.after}</h3>
      <p>
        {text.runs}{' '}
        <Link to="/runs/upcoming" onClick={close}>
          {text.toUpcoming}
        </Link>
      </p>
      {may('team.manage') && (
        <p>
          {text.people}{' '}
          <Link to="/admin/invitations" onClick={close}>
            {text.toInvite}
          </Link>
        </p>
      )}
    </section>
  );
}
