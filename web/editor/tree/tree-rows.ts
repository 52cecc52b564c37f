// The tree of groups as the rows that are shown, and what a key does in it: pure.
import type { GroupNode } from '../../live/groups.ts';

export type TreeRow = {
  /** Of the group; TOP for all pipelines. */
  id: string;
  name: string;
  path: string;
  level: number;
  /** Undefined: nothing is below it. */
  isOpen: boolean | undefined;
  parent: string | undefined;
  position: number;
  siblings: number;
};

/** The row above all groups. */
export const TOP = 'top';

/** `closed`: ids whose children are not shown. */
export function treeRows(
  roots: readonly GroupNode[],
  closed: ReadonlySet<string>,
  topName: string,
): readonly TreeRow[] {
  const rows: TreeRow[] = [
    {
      id: TOP,
      name: topName,
      path: '',
      level: 1,
      isOpen: undefined,
      parent: undefined,
      position: 1,
      siblings: roots.length + 1,
    },
  ];
  const add = (nodes: readonly GroupNode[], level: number, parent: string | undefined): void => {
    nodes.forEach(({ id, name, path, children }, index) => {
      const isOpen = children.length === 0 ? undefined : !closed.has(id);
      // The row of all pipelines is the first of the top level.
      const shift = level === 1 ? 1 : 0;
      const place = { position: index + 1 + shift, siblings: nodes.length + shift };
      rows.push({ id, name, path, level, isOpen, parent, ...place });
      if (isOpen) add(children, level + 1, id);
    });
  };
  add(roots, 1, undefined);
  return rows;
}

export type TreeStep =
  | { kind: 'focus'; id: string }
  | { kind: 'open' | 'close'; id: string }
  | { kind: 'select' | 'rename' | 'delete' | 'move'; id: string };

/** Undefined: the key means nothing here. */
export function treeStep(rows: readonly TreeRow[], focused: string, key: string): TreeStep | undefined {
  const at = Math.max(
    0,
    rows.findIndex(({ id }) => id === focused),
  );
  const row = rows[at];
  if (!row) return undefined;
  const focus = (to: TreeRow | undefined): TreeStep | undefined => to && { kind: 'focus', id: to.id };
  const isGroup = row.id !== TOP;
  switch (key) {
    case 'ArrowDown':
      return focus(rows[at + 1]);
    case 'ArrowUp':
      return focus(rows[at - 1]);
    case 'Home':
      return focus(rows[0]);
    case 'End':
      return focus(rows.at(-1));
    case 'ArrowRight':
      if (row.isOpen === false) return { kind: 'open', id: row.id };
      return row.isOpen ? focus(rows[at + 1]) : undefined;
    case 'ArrowLeft':
      if (row.isOpen) return { kind: 'close', id: row.id };
      return focus(rows.find(({ id }) => id === row.parent));
    case 'Enter':
    case ' ':
      return { kind: 'select', id: row.id };
    case 'F2':
      return isGroup ? { kind: 'rename', id: row.id } : undefined;
    case 'Delete':
      return isGroup ? { kind: 'delete', id: row.id } : undefined;
    case 'm':
      return isGroup ? { kind: 'move', id: row.id } : undefined;
    default:
      return undefined;
  }
}

/** The next row, behind the focused one and around, whose name begins with what was typed. */
export function typedAhead(rows: readonly TreeRow[], focused: string, typed: string): string | undefined {
  const at = rows.findIndex(({ id }) => id === focused);
  // One letter again goes on to the next; more of a name may still be the one that is focused.
  const from = typed.length === 1 ? at + 1 : Math.max(0, at);
  const around = [...rows.slice(from), ...rows.slice(0, from)];
  const wanted = typed.toLowerCase();
  return around.find(({ name }) => name.toLowerCase().startsWith(wanted))?.id;
}

export function findGroup(
  roots: readonly GroupNode[],
  matches: (node: GroupNode) => boolean,
): GroupNode | undefined {
  for (const node of roots) {
    const found = matches(node) ? node : findGroup(node.children, matches);
    if (found) return found;
  }
  return undefined;
}

/** Itself and all below it. */
export function withBelow(node: GroupNode): GroupNode[] {
  return [node, ...node.children.flatMap(withBelow)];
}
