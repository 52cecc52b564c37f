// Above the list: what to look for, how it is sorted, and how many there are.
import { ArrowDownUp, Filter, FolderTree, X } from 'lucide-react';
import { memo, type Ref } from 'react';
import type { Store } from '../../live/store.ts';
import { useStore } from '../../live/use-store.ts';
import { Button, IconButton } from '../../parts/button.tsx';
import { Menu } from '../../parts/menu.tsx';
import { strings } from '../../strings/strings.ts';
import type { ListQuery } from './list-query.ts';
import classes from './list-toolbar.module.css';
import { SearchField } from './search-field.tsx';
import { chooseSort, sortChoice } from './sort-choice.ts';

const text = strings.list.filters;
const checked = (isOn: boolean): string => (isOn ? '✓' : '');

/** All but the count is drawn again only when somebody filters or sorts, so what it is given to do has to stay the same. */
export function ListToolbar({
  count,
  isEmpty,
  clear,
  typed,
  type,
  searchRef,
  leaveSearch,
  toggleTree,
  filters,
  setFilters,
}: {
  count: string;
  /** Nothing is looked for. */
  isEmpty: boolean;
  clear(): void;
  typed: Store<string>;
  type(words: string): void;
  searchRef: Ref<HTMLInputElement>;
  leaveSearch(): void;
  toggleTree(): void;
  filters: ListQuery;
  setFilters(filters: ListQuery): void;
}) {
  return (
    <div className={classes.toolbar}>
      <TreeButton toggle={toggleTree} />
      <SearchField typed={typed} type={type} inputRef={searchRef} leave={leaveSearch} />
      <FilterMenu filters={filters} setFilters={setFilters} />
      {!isEmpty && (
        <Button look="quiet" onClick={clear}>
          {text.clear}
        </Button>
      )}
      <span role="status" className={classes.count}>
        {count}
      </span>
      <SortMenu />
    </div>
  );
}

const TreeButton = memo(function TreeButton({ toggle }: { toggle(): void }) {
  return (
    <IconButton label={strings.list.tree.show} className={classes.treeButton} onClick={toggle}>
      <FolderTree aria-hidden />
    </IconButton>
  );
});

/** And each that is set, with the way out of it. */
const FilterMenu = memo(function FilterMenu({
  filters,
  setFilters,
}: {
  filters: ListQuery;
  setFilters(filters: ListQuery): void;
}) {
  const enabled = (value: 'on' | 'off') => ({
    label: text[value],
    aside: checked(filters.enabled === value),
    run: () => setFilters({ ...filters, enabled: value }),
    off: () => setFilters(without(filters, 'enabled')),
    isOn: filters.enabled === value,
  });
  const only = (value: 'unapplied' | 'issues') => ({
    label: text[value],
    aside: checked(filters.only === value),
    run: () => setFilters({ ...filters, only: value }),
    off: () => setFilters(without(filters, 'only')),
    isOn: filters.only === value,
  });
  const choices = [enabled('on'), enabled('off'), only('unapplied'), only('issues')];
  return (
    <>
      <Menu
        button={
          <Button>
            <Filter aria-hidden />
            {text.button}
          </Button>
        }
        actions={choices.map(({ label, aside, run, off, isOn }) => ({ label, aside, run: isOn ? off : run }))}
      />
      {choices.flatMap(({ label, isOn, off }) =>
        isOn ? (
          <Button key={label} look="quiet" onClick={off}>
            {label}
            <X aria-hidden />
          </Button>
        ) : (
          []
        ),
      )}
    </>
  );
});

const SortMenu = memo(function SortMenu() {
  const sortBy = useStore(sortChoice);
  return (
    <Menu
      button={
        <IconButton label={text.sort}>
          <ArrowDownUp aria-hidden />
        </IconButton>
      }
      actions={(['group', 'id'] as const).map((by) => ({
        label: text.sortBy[by],
        aside: checked(sortBy === by),
        run: () => chooseSort(by),
      }))}
    />
  );
});

function without(query: ListQuery, name: keyof ListQuery): ListQuery {
  const { [name]: _, ...rest } = query;
  return rest;
}
