// What a new pipeline is asked for, and what is wrong with the answers: it is valid from the start.
import type { createPipeline } from '@hakiri/config-doc/edit';
import { DestinationConfig } from '@hakiri/contracts/config';
import { HumanId } from '@hakiri/contracts/names';
import { Check } from '@sinclair/typebox/value';
import { strings } from '../../strings/strings.ts';

const text = strings.list.create.wrong;

export type Answers = { id: string; kind: string; ref: string; table: string; group: string };
export const NO_ANSWERS: Answers = { id: '', kind: 'csv-file', ref: '', table: '', group: '' };

export type Wrong = Partial<Record<keyof Answers, string>>;

export function wrongIn(answers: Answers, isTaken: (id: string) => boolean): Wrong {
  const { id, kind, ref, table } = trimmed(answers);
  const wrong: Wrong = {};
  if (!Check(HumanId, id)) wrong.id = text.id;
  else if (isTaken(id)) wrong.id = text.taken(id);
  if (kind === '') wrong.kind = text.kind;
  if (ref === '') wrong.ref = text.ref;
  if (!Check(DestinationConfig.properties.table, table)) wrong.table = text.table;
  return wrong;
}

/** Off, so that an Apply of everything does not begin to run what is still being made. */
export function pipelineOf(answers: Answers): Parameters<typeof createPipeline>[1] {
  const { id, kind, ref, table, group } = trimmed(answers);
  return {
    id,
    group,
    enabled: false,
    source: { kind, ref },
    destination: { table },
    schedule: { kind: 'every', expr: '1h' },
  };
}

function trimmed({ id, kind, ref, table, group }: Answers): Answers {
  return { id: id.trim(), kind: kind.trim(), ref: ref.trim(), table: table.trim(), group: group.trim() };
}
