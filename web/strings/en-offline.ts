// Sentences about work without a server, and what becomes of it.
import type { ReviewChange } from '@hakiri/client/review-patch';
import { plural } from './plural.ts';

const value = (of: unknown): string => (of === undefined ? 'nothing' : JSON.stringify(of));

export const offline = {
  returned: {
    sent: (mine: number, others: number) =>
      `You are back online: your edits to ${plural(mine, 'pipeline')} are on the server. Others changed ${others === 0 ? 'nothing' : plural(others, 'pipeline')} meanwhile.`,
    met: (count: number) => `${count === 1 ? 'One was' : `${count} were`} changed by both:`,
    with: (names: string, fields: string) =>
      fields === '' ? `(${names}, other fields)` : `(${names}: ${fields})`,
    gone: (who: string) => `a pipeline that is deleted now ${who}`,
    more: (count: number) => ` and ${count} more`,
  },
  discard: {
    title: 'Discard unsent edits?',
    explain: 'They are only on this device: once discarded they cannot be brought back.',
    save: 'Download them first',
    file: (doc: string) => `${doc}-unsent.json`,
    confirm: 'Discard',
  },
  review: {
    title: 'Edits to review',
    look: 'Review',
    explain: 'The server could not merge these edits automatically. Review them, then keep or discard them.',
    take: 'Keep my edits',
    drop: 'Discard them…',
    taken: (count: number) => `${plural(count, 'entry', 'entries')} changed.`,
    more: (count: number) => `And ${count} more.`,
    change({ name, path, before, mine, isOthers }: ReviewChange): string {
      const whose = isOthers ? ' (by someone else, not sent yet)' : '';
      if (path.length === 0) return `${name}: ${mine === undefined ? 'deleted' : 'made'}${whose}`;
      return `${name}, ${path.join('.')}: ${value(before)} → ${value(mine)}${whose}`;
    },
  },
};
