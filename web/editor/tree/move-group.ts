// A group goes below another, by a dialog or by dragging, and where it went is said.
import type { GroupNode } from '../../live/groups.ts';
import { announce } from '../../parts/announce.ts';
import { strings } from '../../strings/strings.ts';
import { reparent } from './group-writes.ts';

const text = strings.list.tree;

/** `select`: the path that the list is to show from now on. */
export function moveGroupTo(
  doc: Parameters<typeof reparent>[0],
  node: GroupNode,
  parent: GroupNode | undefined,
  select: (path: string) => void,
): void {
  if (!reparent(doc, node, parent)) {
    announce(text.notMoved);
    return;
  }
  const above = parent?.path ?? '';
  announce(text.moved(node.name, above));
  select(above === '' ? node.name : `${above}/${node.name}`);
}
