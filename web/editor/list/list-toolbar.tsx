// Above the list: what to look for, how it is sorted, and how many there are.
import { ArrowDownUp, Filter, FolderTree, X } from 'lucide-react';
import type { Ref } from 'react';
import { Button, IconButton } from '../../parts/button.tsx';
import field from '../../parts/field.module.css';
import { Menu } from '../../parts/menu.tsx';
import { strings } from '../../strings/strings.ts';
import { isEmptyQuery, type ListQuery } from './list-query.ts';
import classes from './list-toolbar.module.css';
import type { SortBy } from './shown-keys.ts';

const text = strings.list.filters;

export function ListToolbar({
  typed,
  type,
  query,
  setQuery,
  clear,
  sortBy,
  setSortBy,
  count,
  searchRef,
  leaveSearch,
  toggleTree,
}: {
  /** What stands in the search field. */
  typed: string;
  type(q: string): void;
  query: ListQuery;
  setQuery(change: ListQuery): void;
  clear(): void;
  sortBy: SortBy;
  setSortBy(sortBy: SortBy): void;
  count: string;
  searchRef: Ref<HTMLInputElement>;
  /** To the list below. */
  leaveSearch(): void;
  toggleTree(): void;
}) {
  const check = (isOn: boolean): string => (isOn ? '✓' : '');
  const enabled = (value: 'on' | 'off') => ({
    label: text[value],
    aside: check(query.enabled === value),
    run: () => setQuery({ ...query, enabled: value }),
    off: () => setQuery(without(query, 'enabled')),
    isOn: query.enabled === value,
  });
  const only = (value: 'unapplied' | 'issues') => ({
    label: text[value],
    aside: check(query.only === value),
    run: () => setQuery({ ...query, only: value }),
    off: () => setQuery(without(query, 'only')),
    isOn: query.only === value,
  });
  const filters = [enabled('on'), enabled('off'), only('unapplied'), only('issues')];
  return (
    <div className={classes.toolbar}>
      <IconButton label={strings.list.tree.show} className={classes.treeButton} onClick={toggleTree}>
        <FolderTree aria-hidden />
      </IconButton>
      <input
        ref={searchRef}
        type="search"
        aria-label={strings.list.search}
        placeholder={strings.list.searchPlaceholder}
        autoComplete="off"
        spellCheck={false}
        className={`${field.input} ${classes.search}`}
        value={typed}
        onChange={(event) => type(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
          event.preventDefault();
          leaveSearch();
        }}
      />
      <Menu
        button={
          <Button>
            <Filter aria-hidden />
            {text.button}
          </Button>
        }
        actions={filters.map(({ label, aside, run, off, isOn }) => ({ label, aside, run: isOn ? off : run }))}
      />
      {filters.flatMap(({ label, isOn, off }) =>
        isOn ? (
          <Button key={label} look="quiet" onClick={off}>
            {label}
            <X aria-hidden />
          </Button>
        ) : (
          []
        ),
      )}
      {!isEmptyQuery(query) && (
        <Button look="quiet" onClick={clear}>
          {text.clear}
        </Button>
      )}
      <span role="status" className={classes.count}>
        {count}
      </span>
      <Menu
        button={
          <IconButton label={text.sort}>
            <ArrowDownUp aria-hidden />
          </IconButton>
        }
        actions={(['group', 'id'] as const).map((by) => ({
          label: text.sortBy[by],
          aside: check(sortBy === by),
          run: () => setSortBy(by),
        }))}
      />
    </div>
  );
}

function without(query: ListQuery, name: keyof ListQuery): ListQuery {
  const { [name]: _, ...rest } = query;
  return rest;
}
