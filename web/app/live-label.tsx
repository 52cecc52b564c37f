// What is live, always in sight: the newest revision in the top bar, and short news of each that somebody applies.
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useStore } from '../live/use-store.ts';
import { announce } from '../parts/announce.ts';
import { Hint } from '../parts/hint.tsx';
import { useSession, useWorkspace } from '../screen/context.ts';
import { strings } from '../strings/strings.ts';
import classes from './live-label.module.css';

const text = strings.app.live;

export function LiveLabel() {
  const { live } = useWorkspace();
  const latest = useStore(live.latest);
  if (latest.kind === 'unknown') return null;
  const label = latest.kind === 'none' ? text.nothing : text.label(latest.revision.label);
  return (
    <Hint text={text.hint}>
      <Link to="/revisions" className={classes.live}>
        {label}
      </Link>
    </Hint>
  );
}

/** Minor revisions come by themselves some seconds after somebody rests: they are no news. */
export function AppliedNews() {
  const { live } = useWorkspace();
  const { named } = useSession();
  const navigate = useNavigate();
  useEffect(
    () =>
      live.onPublished(async ({ label, minor, author, message }) => {
        if (minor > 0) return;
        announce(text.applied(label, await named(author), message), {
          label: text.look,
          run: () => void navigate({ to: '/revisions/$label', params: { label } }),
        });
      }),
    [live, named, navigate],
  );
  return null;
}
