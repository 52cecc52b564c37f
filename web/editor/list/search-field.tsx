// The words that the list looks for. A letter draws this field alone.
import type { Ref } from 'react';
import { memo } from 'react';
import type { Store } from '../../live/store.ts';
import { useStore } from '../../live/use-store.ts';
import field from '../../parts/field.module.css';
import { isEnter } from '../../parts/keys.ts';
import { strings } from '../../strings/strings.ts';
import classes from './list-toolbar.module.css';

export const SearchField = memo(function SearchField({
  typed,
  type,
  inputRef,
  leave,
}: {
  typed: Store<string>;
  type(words: string): void;
  inputRef: Ref<HTMLInputElement>;
  /** To the list below. */
  leave(): void;
}) {
  return (
    <input
      ref={inputRef}
      type="search"
      aria-label={strings.list.search}
      placeholder={strings.list.searchPlaceholder}
      autoComplete="off"
      spellCheck={false}
      className={`${field.input} ${classes.search}`}
      value={useStore(typed)}
      onChange={(event) => type(event.target.value)}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowDown' && !isEnter(event)) return;
        event.preventDefault();
        leave();
      }}
    />
  );
});
