// The head of the form: which pipeline, who else has it open, and what can be done with all of it.
import { EllipsisVertical, X } from 'lucide-react';
import { useState } from 'react';
import { oncePerUser } from '../../live/people.ts';
import { textOf } from '../../live/text-of.ts';
import { useStore } from '../../live/use-store.ts';
import { announce } from '../../parts/announce.ts';
import button from '../../parts/button.module.css';
import { IconButton } from '../../parts/button.tsx';
import { classNames } from '../../parts/class-names.ts';
import { Menu, type MenuAction } from '../../parts/menu.tsx';
import { usePageTitle } from '../../parts/page-title.ts';
import { AvatarStack } from '../../parts/person.tsx';
import { PersonName } from '../../parts/person-name.tsx';
import { useWorkspace } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import { UndoButtons } from '../../together/undo-commands.tsx';
import { DeleteDialog } from './delete-dialog.tsx';
import classes from './form.module.css';
import type { Form } from './use-form.ts';

const text = strings.form;

export function FormHead({ form, close }: { form: Form; close(): void }) {
  const { people } = useWorkspace();
  const { draft, pipelineKey, canEdit } = form;
  const here = useStore(people.others).filter(({ pipeline }) => pipeline === pipelineKey);
  const [isAsking, setAsking] = useState(false);
  const title = textOf(draft.id) || text.noId;
  usePageTitle(title, 'detail');
  const copy = (): Promise<void> =>
    navigator.clipboard.writeText(pipelineKey).then(() => announce(text.copied));
  // A page without https has no clipboard.
  const copies: MenuAction[] = navigator.clipboard ? [{ label: text.copyKey, run: copy }] : [];
  const removals: MenuAction[] = canEdit
    ? [{ label: text.remove.label, isDangerous: true, run: () => setAsking(true) }]
    : [];
  const between: MenuAction[] = copies.length > 0 && removals.length > 0 ? ['separator'] : [];
  const actions = [...copies, ...between, ...removals];
  return (
    <header className={classes.head}>
      <h2 className={classes.title}>{title}</h2>
      <div className={classes.here}>
        {here.length > 0 && (
          <>
            <PersonName className={classes.quiet}>
              {text.alsoOpen(oncePerUser(here).map(({ name }) => name))}
            </PersonName>
            <AvatarStack people={here} isSmall />
          </>
        )}
      </div>
      <UndoButtons className={classes.undo} />
      {actions.length > 0 && (
        <Menu
          button={
            <button
              type="button"
              aria-label={text.more}
              className={classNames(button.button, button.icon, button.quiet)}
            >
              <EllipsisVertical aria-hidden />
            </button>
          }
          actions={actions}
        />
      )}
      <IconButton label={text.close} onClick={close}>
        <X aria-hidden />
      </IconButton>
      {isAsking && (
        <DeleteDialog
          pipelineKey={pipelineKey}
          title={title}
          cancel={() => setAsking(false)}
          deleted={close}
        />
      )}
    </header>
  );
}
