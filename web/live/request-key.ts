// The idempotency key of what somebody asks of the server: pressed again after no answer it is the same question, and done once.
import { randomId } from '@hakiri/base/random-id';
import { ApiProblem } from '@hakiri/client/errors';

export type RequestKey = ReturnType<typeof createRequestKey>;

export function createRequestKey() {
  let sent: { question: string; key: string } | undefined;
  return {
    /** One for one question, until that was answered. */
    of(question: unknown): string {
      const text = JSON.stringify(question);
      if (sent?.question !== text) sent = { question: text, key: randomId() };
      return sent.key;
    },
    /** It was done, or somebody gave it up: to ask again is another question. */
    forget(): void {
      sent = undefined;
    },
    /** What the server refused is refused so for a day: the next attempt is another. Without an answer it is the same. */
    failed(failure: unknown): void {
      if (failure instanceof ApiProblem) sent = undefined;
    },
  };
}
