// A conflict notice in people's words: what met, whose the two values are, which one stands, and what can be done about it.
import { isRecord } from '@hakiri/base/json';
import type { Standing } from '@hakiri/config-doc/take-other';
import type { Notice, NoticeSide } from '@hakiri/contracts/notice';
import { textOf } from '../live/text-of.ts';
import { strings } from '../strings/strings.ts';
import { fieldLabel } from './field-label.ts';

export type Side = { label: string; name: string; at: string; value: string };
export type Told = {
  title: string;
  /** Of a whole entity that was deleted there are no two values. */
  sides: readonly Side[];
  detail?: string;
  /** What taking is called; absent when there is nothing to take. */
  take?: string;
  /** Somebody decided meanwhile: what is there now. */
  settled?: string;
};

export type Namer = {
  nameOf(user: string): string;
  /** '' when it is gone. */
  groupOf(id: string): string;
};

const text = strings.together.conflicts;
const SHOWN_CHARS = 300;

export function tellNotice(notice: Notice, { nameOf, groupOf }: Namer, standing: Standing = 'stands'): Told {
  const { kind, entity, field, won, lost } = notice;
  const group = (id: string): string => groupOf(id) || text.goneGroup;
  const where =
    entity.root === 'groups'
      ? groupOf(entity.key) || entity.name || text.goneGroup
      : entity.name || entity.key;
  const isGroup = field === (entity.root === 'groups' ? 'parent' : 'group') && entity.root !== 'variables';
  const shown = (side: NoticeSide): string => (isGroup ? shownGroup(side, group) : shownValue(side));
  const name = (side: NoticeSide): string => (side.user === '' ? text.somebody : nameOf(side.user));
  const isSettled = standing !== 'stands';
  const take =
    notice.take === undefined || isSettled
      ? {}
      : { take: notice.take.kind === 'restore' ? text.restore : text.take };
  const settled = isSettled ? { settled: text.settled[standing] } : {};
  if (kind === 'both_deleted') return { title: text.bothDeleted(where), sides: [], ...take };
  if (kind === 'same_field')
    return {
      title: text.sameField(where, fieldLabel(field)),
      sides: [
        { label: isSettled ? text.stood : text.stands, name: name(won), at: won.at, value: shown(won) },
        { label: text.notKept, name: name(lost), at: lost.at, value: shown(lost) },
      ],
      ...take,
      ...settled,
    };
  const fields = (notice.fields ?? [field]).map(fieldLabel).join(', ');
  const isWhole = notice.take === undefined || notice.take.kind === 'restore';
  return {
    title: isWhole
      ? text.discarded(where, name(won))
      : text.discardedPart(where, fieldLabel(field), name(won)),
    detail: text.lostEdit(name(lost), fields),
    sides:
      lost.value === undefined
        ? []
        : [{ label: text.notKept, name: name(lost), at: lost.at, value: shown(lost) }],
    ...take,
    ...settled,
  };
}

function shownGroup({ value }: NoticeSide, group: (id: string) => string): string {
  return typeof value === 'string' ? group(value) : text.noGroup;
}

function shownValue({ value, cut }: NoticeSide): string {
  if (value === undefined) return text.deleted;
  const shown = isRecord(value) || Array.isArray(value) ? JSON.stringify(value) : textOf(value);
  return cut || shown.length > SHOWN_CHARS ? `${shown.slice(0, SHOWN_CHARS)}… (${text.cut})` : shown;
}

/** What is decided pushes nothing down. */
export function undecided<One extends { standing: Standing }>(notices: readonly One[]): One[] {
  return notices.filter(({ standing }) => standing === 'stands');
}

/** Those of one pipeline and of what is in it. */
export function noticesOf<One extends Notice>(notices: readonly One[], pipeline: string): One[] {
  return notices.filter(
    ({ entity }) => (entity.root === 'pipelines' ? entity.key : entity.pipeline) === pipeline,
  );
}
