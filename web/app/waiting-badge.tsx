// How many Applies wait for this person's approval, beside the way to them.
import { useStore } from '../live/use-store.ts';
import { waitForMe } from '../live/waiting-news.ts';
import { Badge } from '../parts/panel.tsx';
import { useSession, useWorkspace } from '../screen/context.ts';
import { strings } from '../strings/strings.ts';

export function WaitingBadge() {
  const { me } = useSession();
  const { waiting } = useWorkspace();
  const count = waitForMe(useStore(waiting.glance).requests, me.user).length;
  if (count === 0) return null;
  return (
    <Badge tone="warn">
      {count}
      <span className="visually-hidden"> {strings.app.waitForYou}</span>
    </Badge>
  );
}
