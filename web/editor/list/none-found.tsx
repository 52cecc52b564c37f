// Nothing is all of what somebody looks for.
import { SearchX } from 'lucide-react';
import { Button } from '../../parts/button.tsx';
import { Empty } from '../../parts/panel.tsx';
import { strings } from '../../strings/strings.ts';
import type { ListQuery } from './list-query.ts';

export function NoneFound({ query, clear }: { query: ListQuery; clear(): void }) {
  const text = strings.list.none;
  const isGroupAlone =
    query.group !== undefined &&
    query.q === undefined &&
    query.enabled === undefined &&
    query.only === undefined;
  return (
    <Empty icon={<SearchX aria-hidden />} title={text.title}>
      <p>{isGroupAlone ? text.group(query.group ?? '') : text.explain}</p>
      <Button onClick={clear}>{strings.list.filters.clear}</Button>
    </Empty>
  );
}
