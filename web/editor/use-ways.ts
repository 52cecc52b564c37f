// Where one gets from the list: into the form of a pipeline and back, with what is looked for still looked for, and to an Apply.
import { useNavigate } from '@tanstack/react-router';
import { useStableCallback } from '../parts/use-stable-callback.ts';
import { useWorkspace } from '../screen/context.ts';
import { noteLooked } from './first/steps-kept.ts';
import type { ListQuery } from './list/list-query.ts';

export function useWays(query: ListQuery) {
  const { docId } = useWorkspace();
  const navigate = useNavigate();
  return {
    open: useStableCallback((key: string): void => {
      noteLooked();
      void navigate({ to: '/docs/$doc/pipelines/$key', params: { doc: docId, key }, search: query });
    }),
    close: useStableCallback((): void => {
      void navigate({ to: '/docs/$doc/pipelines', params: { doc: docId }, search: query });
    }),
    apply(keys: readonly string[]): void {
      const search = { keys: keys.join(',') };
      void navigate({ to: '/docs/$doc/changes', params: { doc: docId }, search });
    },
  };
}
