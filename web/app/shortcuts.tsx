// The list of keyboard shortcuts: those of the screen that is shown.
import { useStore } from '../live/use-store.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Kbd } from '../parts/panel.tsx';
import { commands, keysText } from '../screen/commands.ts';
import { strings } from '../strings/strings.ts';
import classes from './shortcuts.module.css';

export function Shortcuts({ isOpen, close }: { isOpen: boolean; close(): void }) {
  const known = useStore(commands);
  return (
    <Dialog title={strings.app.shortcuts.title} isOpen={isOpen} close={close}>
      <dl className={classes.list}>
        {known
          .filter(({ keys }) => keys !== undefined)
          .map(({ id, label, keys }) => (
            <div key={id} className={classes.row}>
              <dt>{label}</dt>
              <dd>
                {keysText(keys ?? '').map((key) => (
                  <Kbd key={key}>{key}</Kbd>
                ))}
              </dd>
            </div>
          ))}
      </dl>
    </Dialog>
  );
}
