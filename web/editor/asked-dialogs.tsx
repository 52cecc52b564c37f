// The dialogs of the screen of pipelines: the one that was asked for.
import { Suspense } from 'react';
import { GroupDialog, MoveDialog, NewPipelineDialog, RemoveDialog } from './asked-for.tsx';
import type { GroupQuestion } from './tree/group-dialogs.tsx';

export type Asked = 'new' | 'move' | 'remove' | GroupQuestion;

export function AskedDialogs({
  asked,
  close,
  group,
  selectGroup,
  created,
  count,
  move,
  remove,
}: {
  asked: Asked | undefined;
  close(): void;
  /** That is shown: where a new pipeline goes. */
  group: string;
  selectGroup(path: string): void;
  created(key: string): void;
  /** How many are moved, or deleted. */
  count: number;
  move(path: string): void;
  remove(): void;
}) {
  return (
    <Suspense>
      {asked === 'new' && <NewPipelineDialog group={group} created={created} close={close} />}
      {asked === 'move' && <MoveDialog count={count} move={move} close={close} />}
      {asked === 'remove' && <RemoveDialog count={count} remove={remove} close={close} />}
      {typeof asked === 'object' && <GroupDialog question={asked} select={selectGroup} close={close} />}
    </Suspense>
  );
}
