// Tells somebody who looks elsewhere what waits for them and what became of their own Applies, by the device's notifications. Of
// several tabs the one that holds the stream tells, and only while it is hidden.
import type { ApplyStatus } from '@hakiri/contracts/apply';
import type { RequestSummary } from '@hakiri/contracts/approval';
import type { Device } from '../device/device.ts';
import type { LiveRevision } from '../live/live-revision.ts';
import type { Waiting } from '../live/waiting.ts';
import { type WaitingNews, waitingNews } from '../live/waiting-news.ts';
import { changes as changesWords } from '../strings/en-changes.ts';

const text = changesWords.hidden;
/** Of one answer. More at once is read on the page. */
const NOTES_LIMIT = 5;

export type HiddenNewsOptions = {
  waiting: Pick<Waiting, 'glance' | 'whileHidden'>;
  live: Pick<LiveRevision, 'isTeller'>;
  me: { user: string; mayApprove: boolean };
  show: Device['notifications']['show'];
  /** What became of a request. */
  statusOf(id: string): Promise<Pick<ApplyStatus, 'state' | 'problem' | 'revision'>>;
  named(user: string): Promise<string>;
  open(request: RequestSummary): void;
  isHidden(): boolean;
};

export function tellHiddenNews(options: HiddenNewsOptions): () => void {
  const { waiting, live, me, show, statusOf, named, open, isHidden } = options;
  let before: readonly RequestSummary[] | undefined;

  const wordsOf = async ({ kind, request }: WaitingNews<RequestSummary>): Promise<string | undefined> => {
    if (kind === 'to_approve') return text.toApprove(await named(request.author));
    if (kind === 'approved') return text.approved;
    const { state, problem, revision } = await statusOf(request.id);
    if (state === 'published') return text.live(revision?.label ?? '');
    if (state !== 'refused' || problem?.code === 'apply_cancelled') return undefined;
    return problem?.code === 'approval_rejected'
      ? text.rejected(problem.detail)
      : text.failed(problem?.detail);
  };

  async function tell(news: WaitingNews<RequestSummary>): Promise<void> {
    const { request } = news;
    const title = await wordsOf(news);
    if (title === undefined || !isHidden()) return;
    const note = { title, text: request.message, tag: `hakiri-request/${request.id}` };
    show({ ...note, open: () => open(request) });
  }

  function look(): void {
    const { kind, requests } = waiting.glance.get();
    if (kind !== 'known') return;
    const news = before === undefined ? [] : waitingNews(before, requests, me);
    before = requests;
    if (!isHidden() || !live.isTeller()) return;
    // Who does not answer now is not asked again: it stands on the page.
    for (const one of news.slice(0, NOTES_LIMIT)) void tell(one).catch(() => {});
  }

  const stops = [waiting.glance.subscribe(look), waiting.whileHidden(live.isTeller)];
  return () => {
    for (const stop of stops) stop();
  };
}
