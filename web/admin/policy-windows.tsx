// Times in which alone an Apply goes live. Without any, any time will do.
import type { TimeSpan } from '@hakiri/contracts/policy';
import { Plus, X } from 'lucide-react';
import { Button, IconButton } from '../parts/button.tsx';
import { Panel } from '../parts/panel.tsx';
import { useRemovalFocus } from '../parts/use-removal-focus.ts';
import { policy as policyWords } from '../strings/en-policy.ts';
import classes from './admin.module.css';
import { freshSpan, type PolicyPart } from './policy-draft.ts';
import { PolicyOverride } from './policy-override.tsx';
import { PolicySpan } from './policy-span.tsx';

const words = policyWords.windows;
const WINDOWS_LIMIT = 20;

export function PolicyWindows({ policy, issues, change }: PolicyPart) {
  const { windows, ...without } = policy;
  const open = windows?.open ?? [];
  const setOpen = (next: TimeSpan[]): void =>
    change(next.length === 0 ? without : { ...without, windows: { ...windows, open: next } });
  const list = useRemovalFocus<HTMLDivElement>(open.length);
  const add = open.length < WINDOWS_LIMIT && (
    <Button data-add="" onClick={() => setOpen([...open, freshSpan('recurring', Date.now())])}>
      <Plus aria-hidden />
      {words.add}
    </Button>
  );
  return (
    <div {...list}>
      <Panel title={words.title} tools={add}>
        <p className={classes.soft}>{open.length === 0 ? words.none : words.explain}</p>
        {open.map((span, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list is edited in place
          <div key={index} className={classes.item}>
            <fieldset className={classes.fieldset}>
              <legend>{words.number(index + 1)}</legend>
              <PolicySpan
                span={span}
                path={`/windows/open/${index}`}
                issues={issues}
                change={(next) => setOpen(open.with(index, next))}
              />
            </fieldset>
            <IconButton
              label={words.remove(index + 1)}
              data-remove=""
              onClick={() => setOpen(open.toSpliced(index, 1))}
            >
              <X aria-hidden />
            </IconButton>
          </div>
        ))}
        {windows && (
          <PolicyOverride
            override={windows.override}
            change={(override) =>
              change({ ...without, windows: { open: windows.open, ...(override ? { override } : {}) } })
            }
          />
        )}
      </Panel>
    </div>
  );
}
