// The path of a group: proposes those that there are, and takes another.
import { Combobox, ComboboxItem, ComboboxPopover, ComboboxProvider } from '@ariakit/react';
import { useMemo } from 'react';
import type { GroupNode } from '../../live/groups.ts';
import { useStore } from '../../live/use-store.ts';
import { classNames } from '../../parts/class-names.ts';
import field from '../../parts/field.module.css';
import { Field, type FieldIssue } from '../../parts/field.tsx';
import menu from '../../parts/menu.module.css';
import { useWorkspace } from '../../screen/context.ts';
import { withBelow } from '../tree/tree-rows.ts';
import classes from './group-field.module.css';

const PROPOSALS_LIMIT = 50;

export function GroupField({
  label,
  hint,
  value,
  setValue,
  issues,
  isProposed,
}: {
  label: string;
  hint: string;
  value: string;
  setValue(value: string): void;
  issues?: readonly FieldIssue[];
  /** All, without it. */
  isProposed?: (node: GroupNode) => boolean;
}) {
  const { groups } = useWorkspace();
  const tree = useStore(groups.tree);
  const paths = useMemo(() => {
    const nodes = tree.flatMap(withBelow).filter((node) => isProposed?.(node) ?? true);
    return [...new Set(nodes.map(({ path }) => path))];
  }, [tree, isProposed]);
  const typed = value.toLowerCase();
  const found = paths.filter((path) => path.toLowerCase().includes(typed)).slice(0, PROPOSALS_LIMIT);
  return (
    <Field label={label} hint={hint} issues={issues}>
      {(described) => (
        <ComboboxProvider value={value} setValue={setValue}>
          <Combobox {...described} autoComplete="none" spellCheck={false} className={field.input} />
          {found.length > 0 && (
            <ComboboxPopover portal gutter={4} sameWidth className={classNames(menu.menu, classes.popover)}>
              {found.map((path) => (
                <ComboboxItem key={path} value={path} className={menu.item} />
              ))}
            </ComboboxPopover>
          )}
        </ComboboxProvider>
      )}
    </Field>
  );
}
