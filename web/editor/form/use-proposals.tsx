// Proposals of the browser's own kind under a field, made when somebody comes to it.
import { useCallback, useEffect, useId, useRef, useState } from 'react';
import { useWorkspace } from '../../screen/context.ts';
import { collect } from './elsewhere.ts';

/** `ask` is for the field's focus; `list` is its `list`, and `proposals` stands beside it. */
export function useProposals(
  pipelineKey: string,
  read: Parameters<typeof collect>[1],
  known?: readonly string[],
  /** Those that are here already. */
  without: readonly string[] = [],
) {
  const { connection, pipelines } = useWorkspace();
  const list = useId();
  const [values, setValues] = useState<readonly string[]>([]);
  const stop = useRef<() => void>(undefined);
  useEffect(() => () => stop.current?.(), []);
  const ask = useCallback((): void => {
    stop.current?.();
    const group = pipelines.groupOf(pipelineKey);
    const others = pipelines.order.get().filter((key) => key !== pipelineKey);
    // Where there are too many, those of its own group are among them.
    const isNear = (key: string): boolean => pipelines.groupOf(key) === group;
    const keys = [...others.filter(isNear), ...others.filter((key) => !isNear(key))];
    stop.current = collect({ doc: connection.doc, keys, ...(known ? { known } : {}) }, read, setValues);
  }, [connection, pipelines, pipelineKey, read, known]);
  const proposals = (
    <datalist id={list}>
      {values
        .filter((value) => !without.includes(value))
        .map((value) => (
          <option key={value} value={value} />
        ))}
    </datalist>
  );
  return { ask, list, proposals };
}
