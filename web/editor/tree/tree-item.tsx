// One group in the tree, which can be dragged into another and takes what is dropped on it.
import { useDraggable, useDroppable } from '@dnd-kit/core';
import { ChevronRight, Folder, Layers } from 'lucide-react';
import { memo } from 'react';
import { classNames } from '../../parts/class-names.ts';
import { strings } from '../../strings/strings.ts';
import classes from './group-tree.module.css';
import { TOP, type TreeRow } from './tree-rows.ts';

export const treeItemId = (id: string): string => `group-${id}`;

export const TreeItem = memo(function TreeItem({
  row: { id, name, path, level, isOpen, position, siblings },
  count,
  isSelected,
  isFocused,
  canEdit,
  choose,
  setOpen,
}: {
  row: TreeRow;
  count: number;
  isSelected: boolean;
  isFocused: boolean;
  canEdit: boolean;
  choose(id: string): void;
  setOpen(id: string, isOpen: boolean): void;
}) {
  const drop = useDroppable({ id: `drop-${id}`, data: { id, path }, disabled: !canEdit });
  const drag = useDraggable({ id, data: { kind: 'group' }, disabled: !canEdit || id === TOP });
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree handles keys for the item that has the focus
    <div
      ref={(element) => {
        drop.setNodeRef(element);
        drag.setNodeRef(element);
      }}
      {...drag.listeners}
      id={treeItemId(id)}
      role="treeitem"
      aria-level={level}
      aria-posinset={position}
      aria-setsize={siblings}
      aria-expanded={isOpen}
      aria-selected={isSelected}
      tabIndex={isFocused ? 0 : -1}
      className={classNames(
        classes.item,
        isSelected && classes.selected,
        drop.isOver && classes.over,
        drag.isDragging && classes.dragged,
      )}
      style={{ paddingInlineStart: `${(level - 1) * 0.875 + 0.25}rem` }}
      onClick={() => choose(id)}
    >
      <span
        aria-hidden
        className={classNames(classes.opener, isOpen && classes.opened)}
        onClick={(event) => {
          if (isOpen === undefined) return;
          event.stopPropagation();
          setOpen(id, !isOpen);
        }}
      >
        {isOpen !== undefined && <ChevronRight />}
      </span>
      {id === TOP ? <Layers aria-hidden /> : <Folder aria-hidden />}
      <span className={classes.name}>{name}</span>
      <span className={classes.count}>
        {count.toLocaleString()}
        <span className="visually-hidden"> {strings.list.tree.inIt(count)}</span>
      </span>
    </div>
  );
});
