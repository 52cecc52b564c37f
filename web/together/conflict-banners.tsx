// The conflicts of one pipeline that wait for somebody to decide, above its form. What is decided stands in the list at the top alone.

import { useStore } from '../live/use-store.ts';
import { useWorkspace } from '../screen/context.ts';
import { strings } from '../strings/strings.ts';
import { ConflictCard } from './conflict-card.tsx';
import { noticesOf, undecided } from './notice-told.ts';

const SHOWN_LIMIT = 3;

export function ConflictBanners({ pipelineKey }: { pipelineKey: string }) {
  const { notices } = useWorkspace();
  const own = undecided(noticesOf(useStore(notices), pipelineKey));
  return (
    <>
      {own.slice(0, SHOWN_LIMIT).map((notice) => (
        <ConflictCard key={notice.id} notice={notice} />
      ))}
      {own.length > SHOWN_LIMIT && <p>{strings.together.conflicts.more(own.length - SHOWN_LIMIT)}</p>}
    </>
  );
}
