// What can be done with the selected ones, in the place of the toolbar's row while there are any.
import { SCOPE_NAMES_LIMIT } from '@hakiri/contracts/scope';
import { FolderInput, GitCompare, Pause, Play, Trash2, X } from 'lucide-react';
import { Button, IconButton } from '../../parts/button.tsx';
import { Hint } from '../../parts/hint.tsx';
import { useSession } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import classes from './bulk-bar.module.css';
import type { ListActions } from './use-actions.ts';

const text = strings.list.bulk;

export function BulkBar({
  keys,
  actions,
  canEdit,
  move,
  remove,
  apply,
  clear,
}: {
  keys: readonly string[];
  actions: ListActions;
  canEdit: boolean;
  move(): void;
  remove(): void;
  apply(): void;
  clear(): void;
}) {
  const mayApply = useSession().may('manifest.apply');
  const isTooMany = keys.length > SCOPE_NAMES_LIMIT;
  const applyButton = (
    <Button disabled={isTooMany} onClick={apply}>
      <GitCompare aria-hidden />
      {text.apply}
    </Button>
  );
  return (
    <section className={classes.bar} aria-label={text.label}>
      <strong role="status">{text.selected(keys.length)}</strong>
      {canEdit && (
        <>
          <Button onClick={() => actions.enable(keys, true)}>
            <Play aria-hidden />
            {text.enable}
          </Button>
          <Button onClick={() => actions.enable(keys, false)}>
            <Pause aria-hidden />
            {text.disable}
          </Button>
          <Button onClick={move}>
            <FolderInput aria-hidden />
            {text.move}
          </Button>
        </>
      )}
      {mayApply &&
        (isTooMany ? (
          <Hint text={text.tooMany(SCOPE_NAMES_LIMIT)}>
            <span>{applyButton}</span>
          </Hint>
        ) : (
          applyButton
        ))}
      {canEdit && (
        <Button look="danger" onClick={remove}>
          <Trash2 aria-hidden />
          {text.delete}
        </Button>
      )}
      <IconButton label={text.clear} className={classes.clear} onClick={clear}>
        <X aria-hidden />
      </IconButton>
    </section>
  );
}
