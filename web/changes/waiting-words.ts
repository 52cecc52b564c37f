// What a waiting Apply takes live, and what is open to whom: from what the API says of it.
import type { RequestSummary } from '@hakiri/contracts/approval';
import type { Scope } from '@hakiri/contracts/scope';
import { changes as changesWords } from '../strings/en-changes.ts';

const text = changesWords.waiting;
const NAMED_LIMIT = 4;

/** `nameOf` knows what people call the pipeline of a key. */
export function scopeWords(scope: Scope, nameOf: (key: string) => string | undefined): string {
  if (scope.kind === 'all') return text.all;
  if (scope.kind === 'group') return text.group(scope.group);
  const names = [
    ...(scope.kind === 'selection' ? scope.groups.map(text.group) : []),
    ...scope.pipelines.map((name) => nameOf(name) ?? name),
  ];
  return text.some(names.slice(0, NAMED_LIMIT).join(', '), Math.max(0, names.length - NAMED_LIMIT));
}

export type Person = { user: string; mayApprove: boolean; isAdmin: boolean };

/** What to offer; whether the policy names this person is the server's to say. */
export function openTo(request: Pick<RequestSummary, 'author' | 'state'>, person: Person) {
  const isWaiting = request.state === 'awaiting_approval' || request.state === 'scheduled';
  const isOwn = request.author === person.user;
  return {
    approve: request.state === 'awaiting_approval' && person.mayApprove && !isOwn,
    reject: request.state === 'awaiting_approval' && person.mayApprove && !isOwn,
    cancel: isWaiting && (isOwn || person.isAdmin),
    isOwn,
  };
}
