// The command palette: everything that can be done here and every pipeline, by typing part of its name.
import {
  Combobox,
  ComboboxGroup,
  ComboboxGroupLabel,
  ComboboxItem,
  ComboboxList,
  ComboboxProvider,
  Dialog,
} from '@ariakit/react';
import { useNavigate } from '@tanstack/react-router';
import { useDeferredValue, useMemo, useState } from 'react';
import { useStore } from '../live/use-store.ts';
import { Kbd } from '../parts/panel.tsx';
import { told } from '../parts/use-press.ts';
import { type Command, commands, keysText } from '../screen/commands.ts';
import { useWorkspace } from '../screen/context.ts';
import { takeTyped } from '../screen/typing-hold.ts';
import { strings } from '../strings/strings.ts';
import classes from './palette.module.css';

const SHOWN_LIMIT = 50;
const text = strings.app.palette;

export function Palette({ isOpen, close }: { isOpen: boolean; close(): void }) {
  return (
    <Dialog
      open={isOpen}
      onClose={close}
      unmountOnHide
      aria-label={text.open}
      backdrop={<div className={classes.backdrop} />}
      className={classes.palette}
    >
      <Choices close={close} />
    </Dialog>
  );
}

function Choices({ close }: { close(): void }) {
  const { docId, pipelines } = useWorkspace();
  const navigate = useNavigate();
  const known = useStore(commands);
  const order = useStore(pipelines.order);
  const [typed, setTyped] = useState('');
  const words = useDeferredValue(typed).toLowerCase().split(/\s+/).filter(Boolean);
  const query = words.join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: `query` stands for the words
  const found = useMemo(() => {
    const matches = (name: string): boolean => words.every((word) => name.toLowerCase().includes(word));
    const rows = [];
    for (const key of query === '' ? [] : order) {
      const head = pipelines.head(key);
      if (head && matches(`${head.id} ${head.name} ${head.group}`)) rows.push(head);
      if (rows.length >= SHOWN_LIMIT) break;
    }
    const doing = known.filter(({ label }) => matches(label));
    // Who has typed nothing yet looks for a place to go.
    const goes = ({ id }: Command): number => (id.startsWith('go.') ? 0 : 1);
    return { rows, doing: query === '' ? doing.toSorted((a, b) => goes(a) - goes(b)) : doing };
  }, [query, known, order, pipelines]);
  const act = (run: () => unknown) => (): void => {
    close();
    void told(run());
  };
  return (
    <ComboboxProvider value={typed} setValue={setTyped} open includesBaseElement={false}>
      <Combobox
        autoSelect="always"
        onFocus={() => {
          const before = takeTyped();
          if (before !== '') setTyped((now) => before + now);
        }}
        placeholder={text.placeholder}
        aria-label={text.placeholder}
        className={classes.input}
      />
      <ComboboxList alwaysVisible className={classes.list}>
        {found.rows.length + found.doing.length === 0 && <p className={classes.none}>{text.none}</p>}
        {found.doing.length > 0 && (
          <ComboboxGroup>
            <ComboboxGroupLabel className={classes.label}>{text.commands}</ComboboxGroupLabel>
            {found.doing.map(({ id, label, keys, run }) => (
              <ComboboxItem key={id} className={classes.item} onClick={act(run)}>
                {label}
                {keys && (
                  <span className={classes.aside}>
                    {keysText(keys).map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </span>
                )}
              </ComboboxItem>
            ))}
          </ComboboxGroup>
        )}
        {found.rows.length > 0 && (
          <ComboboxGroup>
            <ComboboxGroupLabel className={classes.label}>{text.pipelines}</ComboboxGroupLabel>
            {found.rows.map(({ key, id, name, group }) => (
              <ComboboxItem
                key={key}
                className={classes.item}
                onClick={act(() =>
                  navigate({ to: '/docs/$doc/pipelines/$key', params: { doc: docId, key } }),
                )}
              >
                <span className={classes.id}>{id}</span> {name !== id && name}
                <span className={classes.aside}>{group}</span>
              </ComboboxItem>
            ))}
          </ComboboxGroup>
        )}
      </ComboboxList>
    </ComboboxProvider>
  );
}
