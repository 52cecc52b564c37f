// Going live: apply what is chosen, or everything, with a message; and what is wrong when it is refused.
import { type ApplyClient, waitingSentence } from '@hakiri/client/apply';
import { ApiProblem } from '@hakiri/client/errors';
import type { DocumentConnection } from '@hakiri/client/sync';
import type { ApplyBody } from '@hakiri/contracts/apply';
import type { ConfigIssue } from '@hakiri/contracts/config';
import { button, labelled, make, setText } from './dom.ts';
import { issuePlace } from './issue-path.ts';
import { problemSentence } from './problem-sentences.ts';
import { type Unapplied, unappliedText } from './unapplied.ts';

export function createApplyBar(options: {
  doc: string;
  connection: DocumentConnection;
  apply: ApplyClient;
  canApply: boolean;
  /** Keys of the chosen pipelines. */
  chosen(): ReadonlySet<string>;
  /** Somebody wants to see what an issue is about. */
  openIssue(path: string): void;
  applied(): void;
}) {
  const { connection, canApply } = options;
  const message = make('input', {
    type: 'text',
    maxlength: 2000,
    autocomplete: 'off',
    placeholder: 'What changes, and why',
  });
  const some = button('Apply selected', () => run(scopeOfChosen()), { disabled: true });
  const all = button('Apply all', () => run({ kind: 'all' }), { class: 'primary', disabled: !canApply });
  const outcome = make('div', { class: 'outcome', role: 'status', 'aria-live': 'polite' });
  const pending = make('p', { class: 'hint pending' });
  let busy = false;

  function scopeOfChosen(): ApplyBody['scope'] {
    return { kind: 'pipelines', pipelines: [...options.chosen()] };
  }

  function refresh(): void {
    const count = options.chosen().size;
    setText(some, count === 0 ? 'Apply selected' : `Apply selected (${count})`);
    some.disabled = busy || !canApply || count === 0;
    all.disabled = busy || !canApply;
  }

  async function run(scope: ApplyBody['scope']): Promise<void> {
    busy = true;
    refresh();
    outcome.replaceChildren(make('p', {}, 'Applying…'));
    try {
      // What is on the screen is what goes live: the server must hold it first.
      await savedHere();
      const text = message.value.trim();
      const note = text === '' ? {} : { message: text };
      const body = { doc: options.doc, scope, version: connection.version(), ...note };
      const sent = await options.apply.submit(body);
      message.value = '';
      if (sent.kind === 'waiting') {
        outcome.replaceChildren(make('p', { class: 'good' }, waitingSentence(sent.status)));
        return;
      }
      const { revision, unchanged, warnings = [] } = sent.published;
      options.applied();
      const verdict = unchanged
        ? `Nothing differs from ${revision.label}.`
        : `Published ${revision.label} with ${revision.pipelines} pipelines.`;
      outcome.replaceChildren(make('p', { class: 'good' }, verdict), ...issueList(warnings));
    } catch (error) {
      outcome.replaceChildren(...failure(error));
    } finally {
      busy = false;
      refresh();
    }
  }

  /** Offline there is nothing to wait for that comes soon. */
  function savedHere(): Promise<void> {
    if (connection.status().kind === 'offline')
      throw new Error('You are offline: your edits are kept here and sent on return. Apply then.');
    return connection.saved();
  }

  function failure(error: unknown): HTMLElement[] {
    const issues = error instanceof ApiProblem ? (error.problem.issues ?? []) : [];
    return [
      make('p', { class: 'bad' }, `Nothing was published. ${problemSentence(error)}`),
      ...issueList(issues),
    ];
  }

  function issueList(issues: readonly ConfigIssue[]): HTMLElement[] {
    if (issues.length === 0) return [];
    const lines = issues.map(({ path, message: sentence, severity }) => {
      const place = issuePlace(path);
      const where =
        place.kind === 'field'
          ? button(path, () => options.openIssue(path), { class: 'link code' })
          : make('span', { class: 'code' }, path);
      const more = place.kind === 'field' ? [] : [make('span', { class: 'hint' }, place.sentence)];
      return make('li', { class: severity }, where, make('span', {}, sentence), ...more);
    });
    return [make('ul', { class: 'issues' }, ...lines)];
  }

  const element = make(
    'section',
    { class: 'apply', 'aria-label': 'Apply' },
    ...(canApply
      ? [make('div', { class: 'apply-line' }, labelled('Message', message), some, all), pending]
      : [
          make(
            'p',
            { class: 'hint' },
            'Your role may edit, and not apply. Somebody with the role applier publishes it.',
          ),
        ]),
    outcome,
  );
  return {
    element,
    refresh,
    showUnapplied(state: Unapplied): void {
      const { line, long } = unappliedText(state);
      setText(pending, line);
      pending.title = long;
      pending.classList.toggle('differs', state.kind === 'different' || state.kind === 'invalid');
    },
  };
}
