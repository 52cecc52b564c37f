// The newest revision of each team, in memory for those who wait, with the text that tells of it: made once, however many read
// it. Questions that many ask at once are one query, which begins after the last of them asked.
import { utf8 } from '@hakiri/base/bytes';
import { APPLIED_EVENT, type AppliedData } from '@hakiri/contracts/apply';
import type { Revision } from '@hakiri/contracts/revision';
import type { History } from '../store/store-history.ts';

const REPLAY_PAGE = 50;
/** Past it the team that was first heard of is asked for again. */
const TEAMS_LIMIT = 10_000;

/** Of an event stream: what to send, and the sequence that its reader has then. */
export type News = { bytes: Uint8Array; upTo: number };

export function createFreshest(history: Pick<History, 'latest' | 'after'>) {
  const byTeam = new Map<string, { revision: Revision; news: News | undefined }>();
  const askLatest = shared((team: string) => history.latest(team));
  const askAfter = shared(async (key: string): Promise<News | undefined> => {
    const [team = '', sent = ''] = key.split(' ');
    return newsOf(await history.after(team, Number(sent), REPLAY_PAGE));
  });

  /** True when it is newer than what is known. Late and repeated news are harmless. */
  function announce(team: string, revision: Revision): boolean {
    const known = byTeam.get(team);
    if ((known?.revision.sequence ?? 0) >= revision.sequence) return false;
    byTeam.delete(team);
    byTeam.set(team, { revision, news: undefined });
    const [first] = byTeam.keys();
    if (byTeam.size > TEAMS_LIMIT && first !== undefined) byTeam.delete(first);
    return true;
  }

  return {
    announce,

    /** The truth: what the database says, or newer news. */
    read: async (team: string): Promise<Revision | undefined> => {
      const latest = await askLatest(team);
      if (latest) announce(team, latest);
      return byTeam.get(team)?.revision ?? latest;
    },

    /** What is known without asking. */
    known: (team: string): Revision | undefined => byTeam.get(team)?.revision,

    /** What comes after `sent`; from memory when that is all of it or nothing. */
    after: async (team: string, sent: number): Promise<News | undefined> => {
      const known = byTeam.get(team);
      if (!known || known.revision.sequence <= sent) return undefined;
      if (known.revision.sequence > sent + 1) return askAfter(`${team} ${sent}`);
      known.news ??= newsOf([known.revision]);
      return known.news;
    },
  };
}

function newsOf(revisions: readonly Revision[]): News | undefined {
  const last = revisions.at(-1);
  return last && { bytes: utf8(revisions.map(eventText).join('')), upTo: last.sequence };
}

function eventText(revision: Revision): string {
  const data: AppliedData = { doc: revision.doc, revision };
  return `id: ${revision.sequence}\nevent: ${APPLIED_EVENT}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Who asks while the question is under way waits for the next one, all of them for the same. */
function shared<Answer>(ask: (key: string) => Promise<Answer>): (key: string) => Promise<Answer> {
  const underWay = new Map<string, { answer: Promise<Answer>; next: Promise<Answer> | undefined }>();

  function begin(key: string): Promise<Answer> {
    const answer = ask(key);
    const slot: { answer: Promise<Answer>; next: Promise<Answer> | undefined } = { answer, next: undefined };
    underWay.set(key, slot);
    const end = (): void => {
      if (underWay.get(key) === slot && slot.next === undefined) underWay.delete(key);
    };
    answer.then(end, end);
    return answer;
  }

  return (key) => {
    const slot = underWay.get(key);
    if (slot === undefined) return begin(key);
    slot.next ??= slot.answer.then(
      () => begin(key),
      () => begin(key),
    );
    return slot.next;
  };
}
