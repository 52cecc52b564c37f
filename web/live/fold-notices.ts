// One conflict for each field and pair of people: who type into one field at once meet at every key, and only the last of it is
// worth anybody's look. What was before has been overwritten by both.
import type { Notice } from '@hakiri/contracts/notice';

/** `past`: a later one speaks for it. The same in whatever order they come, so that no two windows put away each other's. */
export function foldNotices(notices: readonly Notice[]): { latest: Notice[]; past: Notice[] } {
  const byMeeting = Map.groupBy(notices, meetingOf);
  const latest = new Set([...byMeeting.values()].map((all) => all.reduce(later)));
  return {
    latest: notices.filter((notice) => latest.has(notice)),
    past: notices.filter((notice) => !latest.has(notice)),
  };
}

function meetingOf({ id, kind, entity, field, won, lost }: Notice): string {
  // A deletion is told once for each person already, with all fields.
  if (kind !== 'same_field') return id;
  return JSON.stringify([entity.root, entity.key, field, [won.user, lost.user].toSorted()]);
}

function later(a: Notice, b: Notice): Notice {
  const [of, than] = [orderOf(a), orderOf(b)];
  const differs = of.findIndex((value, index) => value !== than[index]);
  return (of[differs] ?? '') > (than[differs] ?? '') ? a : b;
}

/** By when the server heard of the edits; a peer's counter only tells apart what it heard of within one millisecond. */
function orderOf({ id, at, won, lost }: Notice): string[] {
  const edits = [won, lost].toSorted((a, b) => (a.peer < b.peer ? -1 : 1));
  const heard = [won.at, lost.at].toSorted();
  return [
    heard[1] ?? '',
    heard[0] ?? '',
    ...edits.map(({ counter }) => String(counter).padStart(16, '0')),
    at,
    id,
  ];
}
