// One variable: its value and comment, written as they are typed while others do the same, and where it is used.
import type { VariableDraft } from '@hakiri/contracts/config';
import type { PresenceCursor } from '@hakiri/contracts/presence';
import { MoreHorizontal } from 'lucide-react';
import { memo } from 'react';
import type { Person } from '../../live/people.ts';
import { textOf } from '../../live/text-of.ts';
import { announce } from '../../parts/announce.ts';
import { IconButton } from '../../parts/button.tsx';
import { Issues, TextArea } from '../../parts/field.tsx';
import { Menu } from '../../parts/menu.tsx';
import { useWorkspace } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import { FieldPeople } from '../../together/field-people.tsx';
import { cursorOf } from '../form/form-field.tsx';
import { useTyped } from '../form/use-typed.ts';
import { UsesCell } from './uses-cell.tsx';
import { writeVariable } from './variable-edits.ts';
import type { VariableIssues } from './variable-issues.ts';
import classes from './variables.module.css';

const text = strings.editor.variables;
export type VariableQuestion = { kind: 'rename' | 'remove'; variable: VariableDraft };
const NO_ISSUES: VariableIssues = {};

export const VariableRow = memo(function VariableRow({
  variable,
  issues = NO_ISSUES,
  others,
  canEdit,
  ask,
}: {
  variable: VariableDraft;
  issues: VariableIssues | undefined;
  /** Who is in it, by field. */
  others: Readonly<Record<string, readonly Person[]>> | undefined;
  canEdit: boolean;
  ask(question: VariableQuestion): void;
}) {
  const name = textOf(variable.name) || text.noName;
  return (
    <tr>
      <th scope="row">
        <code className={classes.name}>{name}</code>
        <Issues issues={[...(issues.name ?? []), ...(issues.key ?? []), ...(issues[''] ?? [])]} />
      </th>
      {(['value', 'comment'] as const).map((field) => (
        <td key={field}>
          <Text
            variable={variable}
            field={field}
            label={field === 'value' ? text.valueOf(name) : text.commentOf(name)}
            issues={issues[field] ?? []}
            people={others?.[field] ?? []}
            canEdit={canEdit}
          />
        </td>
      ))}
      <td>
        <UsesCell name={textOf(variable.name)} />
      </td>
      <td className={classes.narrow}>
        {canEdit && (
          <Menu
            button={
              <IconButton label={text.actionsOf(name)} data-remove="">
                <MoreHorizontal aria-hidden />
              </IconButton>
            }
            actions={[
              { label: text.rename.action, run: () => ask({ kind: 'rename', variable }) },
              'separator',
              { label: text.remove.action, isDangerous: true, run: () => ask({ kind: 'remove', variable }) },
            ]}
          />
        )}
      </td>
    </tr>
  );
});

function Text({
  variable,
  field,
  label,
  issues,
  people,
  canEdit,
}: {
  variable: VariableDraft;
  field: 'value' | 'comment';
  label: string;
  issues: NonNullable<VariableIssues[string]>;
  people: readonly Person[];
  canEdit: boolean;
}) {
  const { connection, people: presence } = useWorkspace();
  const { key } = variable;
  const typed = useTyped<HTMLTextAreaElement>(textOf(variable[field]), (next, shown) => {
    if (!writeVariable(connection.doc, key, field, next, shown)) announce(text.lost);
  });
  const focus = (cursor?: PresenceCursor): void =>
    presence.focus({ field: `variables.${key}.${field}`, ...(cursor ? { cursor } : {}) });
  return (
    <>
      <TextArea
        {...typed}
        label={label}
        isLabelHidden
        issues={issues}
        rows={1}
        spellCheck={false}
        readOnly={!canEdit}
        data-undo=""
        data-field={`variables/${key}/${field}`}
        onFocus={() => focus()}
        onSelect={(event) => focus(cursorOf(event))}
        onBlur={() => presence.focus(undefined)}
      />
      <FieldPeople people={people} />
    </>
  );
}
