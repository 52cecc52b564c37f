// The list of keyboard shortcuts: those of the screen that is shown first, then those that are the same everywhere.
import { useStore } from '../live/use-store.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Kbd } from '../parts/panel.tsx';
import { commands, keysText } from '../screen/commands.ts';
import { strings } from '../strings/strings.ts';
import classes from './shortcuts.module.css';

const text = strings.app.shortcuts;
const EVERYWHERE = ['palette', 'shortcuts', 'undo', 'redo'];
const isGoing = (id: string): boolean => id.startsWith('go.') || id === 'documents';
const isEverywhere = (id: string): boolean => EVERYWHERE.includes(id);
const GROUPS = [
  { title: text.here, has: (id: string) => !isGoing(id) && !isEverywhere(id) },
  { title: text.everywhere, has: isEverywhere },
  { title: text.going, has: isGoing },
];

export function Shortcuts({ isOpen, close }: { isOpen: boolean; close(): void }) {
  const known = useStore(commands);
  return (
    <Dialog title={text.title} isOpen={isOpen} close={close} isWide>
      <div className={classes.groups}>
        {GROUPS.map(({ title, has }) => {
          const own = known.filter(({ id, keys }) => keys !== undefined && has(id));
          return (
            own.length > 0 && (
              <section key={title} className={classes.group}>
                <h2>{title}</h2>
                <dl>
                  {own.map(({ id, label, keys }) => (
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
              </section>
            )
          );
        })}
      </div>
    </Dialog>
  );
}
