// Short news below the screen, where they cover nothing; read out by a screen reader, reached by a key, and gone by themselves.
import { X } from 'lucide-react';
import { type FocusEvent, type KeyboardEvent, useRef } from 'react';
import { useStore } from '../live/use-store.ts';
import { dismiss, holdNews, news } from '../parts/announce.ts';
import { Button, IconButton } from '../parts/button.tsx';
import { useCommands } from '../screen/commands.ts';
import { strings } from '../strings/strings.ts';
import classes from './news.module.css';

const text = strings.app.news;

export function NewsCorner() {
  const items = useStore(news);
  const corner = useRef<HTMLElement>(null);
  /** Where somebody came from, and goes back to. */
  const from = useRef<HTMLElement>(null);
  const isIn = (): boolean => corner.current?.contains(document.activeElement) === true;
  const back = (): void => {
    holdNews(false);
    const place = from.current?.isConnected ? from.current : document.getElementById('content');
    place?.focus();
  };
  const visit = (): void => {
    if (isIn()) {
      back();
      return;
    }
    from.current = focusedNow();
    // The newest stands last, and what it offers before how to put it away.
    corner.current?.querySelector<HTMLElement>('[data-news]:last-child button')?.focus();
  };
  useCommands([{ id: 'news', label: text.go, keys: 'F6', isFor: () => news.get().length > 0, run: visit }]);
  const leaveWith = (act: () => void) => (): void => {
    const wasIn = isIn();
    act();
    // What the press leads to may have taken the focus.
    if (wasIn && (isIn() || document.activeElement === document.body)) back();
  };
  const onBlur = ({ relatedTarget }: FocusEvent): void => {
    if (!(relatedTarget instanceof Node && corner.current?.contains(relatedTarget))) holdNews(false);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    back();
  };
  return (
    <section
      ref={corner}
      aria-label={text.title}
      data-persistent=""
      className={classes.news}
      onPointerEnter={() => holdNews(true)}
      onPointerLeave={() => isIn() || holdNews(false)}
      onFocus={() => holdNews(true)}
      onBlur={onBlur}
      onKeyDown={onKeyDown}
    >
      <div role="status" aria-live="polite" className={classes.items}>
        {items.map(({ id, text: told, action }) => (
          <div key={id} data-news="" className={classes.item}>
            <span>{told}</span>
            {action && (
              <Button look="quiet" onClick={leaveWith(action.run)}>
                {action.label}
              </Button>
            )}
            <IconButton label={strings.parts.dismiss} onClick={leaveWith(() => dismiss(id))}>
              <X aria-hidden />
            </IconButton>
          </div>
        ))}
      </div>
    </section>
  );
}

/** Within a code editor, too: to the page its host has the focus, which takes none. */
function focusedNow(): HTMLElement | null {
  let { activeElement } = document;
  while (activeElement?.shadowRoot?.activeElement) ({ activeElement } = activeElement.shadowRoot);
  return activeElement instanceof HTMLElement ? activeElement : null;
}
