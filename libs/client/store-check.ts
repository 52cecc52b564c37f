// Whether the blob store has what was published, told as it is found out.
import { StoreCheckLine, type StoreReport } from '@hakiri/contracts/store-check';
import { UnexpectedAnswer, Unreachable } from './errors.ts';
import { decodeAnswer, type Http } from './http.ts';

const PATH = '/v1/manifest/store/check';

export type StoreCheckOptions = {
  /** Files that belong to no revision are deleted; otherwise nothing is. */
  deleteUnreferenced?: boolean;
  onProgress?(checked: number, revisions: number): void;
  signal?: AbortSignal;
};

export function createStoreCheck(http: Http) {
  return {
    /** @throws ApiProblem `rate_limited` while one is under way; Unreachable when it ended without a report. */
    async check(options: StoreCheckOptions = {}): Promise<StoreReport> {
      const { deleteUnreferenced = false, onProgress, signal } = options;
      const response = await http.send('POST', PATH, { body: { deleteUnreferenced }, signal });
      for await (const text of linesOf(response)) {
        const line = decodeAnswer(StoreCheckLine, text, `POST ${PATH}`);
        if (line.kind === 'report') return line;
        if (line.kind === 'failed') throw new Unreachable(line.detail);
        onProgress?.(line.checked, line.revisions);
      }
      throw new Unreachable('The check ended without a report. Try again.');
    },
  };
}

async function* linesOf(response: Response): AsyncGenerator<string, void> {
  if (response.body === null) throw new UnexpectedAnswer('The check has no answer.');
  let left = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body) {
      const lines = (left + decoder.decode(chunk, { stream: true })).split('\n');
      left = lines.pop() ?? '';
      yield* lines;
    }
  } catch (cause) {
    throw new Unreachable('The connection broke in the middle of a check.', { cause });
  }
}
