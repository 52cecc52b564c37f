// What of all that differs goes live: everything, a group, or what was picked in the list. It is there also before it is known what
// differs, and where nothing does, so that nothing below it moves.
import type { PendingChange } from '@hakiri/contracts/pending';
import { SCOPE_NAMES_LIMIT } from '@hakiri/contracts/scope';
import { useId } from 'react';
import type { GroupNode } from '../live/groups.ts';
import { useStore } from '../live/use-store.ts';
import { SelectField } from '../parts/field.tsx';
import { Panel } from '../parts/panel.tsx';
import { useWorkspace } from '../screen/context.ts';
import { changes as changesWords } from '../strings/en-changes.ts';
import type { Root } from './change-rows.ts';
import { isChosen, type ScopeChoice } from './scope-choice.ts';
import classes from './scope-panel.module.css';

const text = changesWords.scope;

export function ScopePanel({
  choice,
  setChoice,
  pending,
  groupOf,
}: {
  choice: ScopeChoice;
  setChoice(choice: ScopeChoice): void;
  /** Undefined until it is known. */
  pending: Record<Root, readonly PendingChange[]> | undefined;
  groupOf(key: string): string | undefined;
}) {
  const { groups } = useWorkspace();
  const paths = pathsOf(useStore(groups.tree));
  const name = useId();
  const count = pending && pending.pipelines.length + pending.variables.length;
  const picked = choice.kind === 'picked' ? choice.keys.size : 0;
  const option = (kind: ScopeChoice['kind'], label: string, next: ScopeChoice) => (
    <label className={classes.option}>
      <input type="radio" name={name} checked={choice.kind === kind} onChange={() => setChoice(next)} />
      {label}
    </label>
  );
  return (
    <Panel title={text.title}>
      <fieldset className={classes.scope} disabled={!count}>
        <legend className="visually-hidden">{text.title}</legend>
        {option('all', text.all(count), { kind: 'all' })}
        {option('picked', text.picked(choice.kind === 'picked' ? picked : undefined), {
          kind: 'picked',
          keys: new Set(),
        })}
        {choice.kind === 'picked' && (
          <p className={classes.hint}>
            {picked === 0
              ? text.pickFirst
              : picked > SCOPE_NAMES_LIMIT
                ? text.tooMany(SCOPE_NAMES_LIMIT)
                : text.variables}
          </p>
        )}
        {option('group', text.group, { kind: 'group', group: '' })}
        {choice.kind === 'group' && (
          <div className={classes.group}>
            {paths.length === 0 ? (
              <p className={classes.hint}>{text.noGroups}</p>
            ) : (
              <SelectField
                label={text.groupLabel}
                value={choice.group}
                options={[
                  { value: '', label: text.choose },
                  ...paths.map((path) => ({ value: path, label: path })),
                ]}
                onChange={({ target }) => setChoice({ kind: 'group', group: target.value })}
              />
            )}
            {choice.group !== '' && pending && (
              <p className={classes.hint}>
                {text.inGroup(pending.pipelines.filter((change) => isChosen(choice, change, groupOf)).length)}
              </p>
            )}
          </div>
        )}
      </fieldset>
    </Panel>
  );
}

function pathsOf(nodes: readonly GroupNode[]): string[] {
  return nodes.flatMap(({ path, children }) => [path, ...pathsOf(children)]);
}
