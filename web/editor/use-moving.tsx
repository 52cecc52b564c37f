// What is dragged over this screen: pipelines into a group, with all that are chosen, or a group into another.
import { DragOverlay } from '@dnd-kit/core';
import { useWorkspace } from '../screen/context.ts';
import { strings } from '../strings/strings.ts';
import classes from './pipelines-screen.module.css';
import { moveGroupTo } from './tree/move-group.ts';
import { findGroup, TOP } from './tree/tree-rows.ts';
import { type Drag, type Drop, useDrag } from './use-drag.ts';

const text = strings.list;

export function useMoving(options: {
  /** What goes along with the one that was taken. */
  dragged(key: string): readonly string[];
  move(keys: readonly string[], path: string): void;
  selectGroup(path: string): void;
}) {
  const { connection, groups } = useWorkspace();
  const find = (id: string) => findGroup(groups.tree.get(), (node) => node.id === id);
  const { drag, context } = useDrag((from, to) => {
    if (from.kind === 'pipeline') options.move(options.dragged(from.id), to.path);
    else dropGroup(from, to);
  });
  function dropGroup(from: Drag, to: Drop): void {
    const node = find(from.id);
    const parent = to.id === TOP ? undefined : find(to.id);
    if (node && node.id !== to.id) moveGroupTo(connection.doc, node, parent, options.selectGroup);
  }
  const overlay = (
    <DragOverlay dropAnimation={null}>
      {drag && (
        <span className={classes.dragged}>
          {drag.kind === 'pipeline' ? text.drag.many(options.dragged(drag.id).length) : find(drag.id)?.name}
        </span>
      )}
    </DragOverlay>
  );
  return { context, overlay };
}
