// Times in which nothing goes live.
import type { ApplyPolicy } from '@hakiri/contracts/policy';
import { Plus, X } from 'lucide-react';
import { Button, IconButton } from '../parts/button.tsx';
import { TextField } from '../parts/field.tsx';
import { Panel } from '../parts/panel.tsx';
import { useRemovalFocus } from '../parts/use-removal-focus.ts';
import { policy as policyWords } from '../strings/en-policy.ts';
import classes from './admin.module.css';
import { freshSpan, type PolicyPart } from './policy-draft.ts';
import { PolicyOverride } from './policy-override.tsx';
import { PolicySpan } from './policy-span.tsx';

const words = policyWords.freezes;
type Freeze = ApplyPolicy['freezes'][number];

const FREEZES_LIMIT = 20;
const NAME_LIMIT = 100;

export function PolicyFreezes({ policy, issues, change }: PolicyPart) {
  const { freezes } = policy;
  const setAt = (index: number, next: Freeze): void =>
    change({ ...policy, freezes: freezes.with(index, next) });
  const fresh = (): Freeze => ({
    name: `${words.fresh} ${freezes.length + 1}`,
    when: freshSpan('between', Date.now()),
  });
  const list = useRemovalFocus<HTMLDivElement>(freezes.length);
  const add = freezes.length < FREEZES_LIMIT && (
    <Button data-add="" onClick={() => change({ ...policy, freezes: [...freezes, fresh()] })}>
      <Plus aria-hidden />
      {words.add}
    </Button>
  );
  return (
    <div {...list}>
      <Panel title={words.title} tools={add}>
        <p className={classes.soft}>{freezes.length === 0 ? words.none : words.explain}</p>
        {freezes.map((one, index) => {
          const { override, ...rest } = one;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: the list is edited in place
            <div key={index} className={classes.item}>
              <div className={classes.form}>
                <TextField
                  label={words.name}
                  required
                  maxLength={NAME_LIMIT}
                  value={one.name}
                  onChange={(event) => setAt(index, { ...one, name: event.target.value })}
                />
                <PolicySpan
                  span={one.when}
                  path={`/freezes/${index}/when`}
                  issues={issues}
                  change={(when) => setAt(index, { ...one, when })}
                />
                <PolicyOverride
                  override={override}
                  change={(next) => setAt(index, next ? { ...rest, override: next } : rest)}
                />
              </div>
              <IconButton
                data-remove=""
                label={words.remove(one.name)}
                onClick={() => change({ ...policy, freezes: freezes.toSpliced(index, 1) })}
              >
                <X aria-hidden />
              </IconButton>
            </div>
          );
        })}
      </Panel>
    </div>
  );
}
