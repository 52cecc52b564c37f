// A reader of the event stream, for tests.
import { AppliedData } from '@hakiri/contracts/apply';
import { Value } from '@sinclair/typebox/value';

/** Collects the events of a stream; `ended` is true when the server closed it. */
export function follow(url: string, token: string, lastEventId?: string) {
  const abort = new AbortController();
  const found = { numbers: [] as number[], comments: 0, ended: false, status: 0, close: () => abort.abort() };
  const run = async (): Promise<void> => {
    const response = await fetch(`${url}/v1/manifest/events`, {
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'text/event-stream',
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      },
      signal: abort.signal,
    });
    found.status = response.status;
    let text = '';
    for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      const blocks = (text + chunk).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) take(block);
    }
    found.ended = true;
  };
  const take = (block: string): void => {
    const lines = block.split('\n');
    if (lines.some((line) => line.startsWith(':'))) found.comments += 1;
    if (!lines.includes('event: applied')) return;
    const id = Number(lines.find((line) => line.startsWith('id: '))?.slice(4));
    const data: unknown = JSON.parse(lines.find((line) => line.startsWith('data: '))?.slice(6) ?? '');
    if (!Value.Check(AppliedData, data) || data.revision.number !== id) throw new Error(block);
    found.numbers.push(id);
  };
  run().catch(() => {});
  return found;
}
