// One look at what would go live, for as long as a dialog shows it.
import type { Scope } from '@hakiri/contracts/scope';
import { useEffect, useState } from 'react';
import { announce } from '../parts/announce.ts';
import { useSession, useWorkspace } from '../screen/context.ts';
import { type ApplyFlow, createApplyFlow } from './apply-flow.ts';

/** Another scope, by identity, is another look. */
export function useApplyFlow(scope: Scope): ApplyFlow | undefined {
  const { client } = useSession();
  const workspace = useWorkspace();
  const [flow, setFlow] = useState<ApplyFlow>();
  useEffect(() => {
    const next = createApplyFlow({ client, workspace, scope, tell: announce });
    setFlow(next);
    void next.look();
    return () => next.close();
  }, [client, workspace, scope]);
  return flow;
}
