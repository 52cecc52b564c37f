// What the log says beside the document's own operations: the last applied revision, and notices that nobody dismissed yet.
import type { Base } from '../document/base.ts';
import { type AppliedNote, isNewer, type LogRecord, type NoticeNote } from '../document/record.ts';

export class LogNotes {
  #applied: AppliedNote | undefined;
  readonly #notices = new Map<string, NoticeNote>();
  /** Ids of notices that were recorded, dismissed ones too: they are no news. */
  readonly recorded = new Set<string>();

  constructor({ applied, notices = [] }: Partial<Pick<Base, 'applied' | 'notices'>>) {
    this.#applied = applied;
    for (const note of notices) this.#keep(note);
  }

  add(record: LogRecord): void {
    // Revisions may be recorded out of order.
    if (record.kind === 'applied' && isNewer(record.note, this.#applied)) {
      const { scope: _scope, ...note } = record.note;
      this.#applied = note;
    }
    if (record.kind === 'notice') this.#keep(record.note);
    if (record.kind === 'dismissed') this.#dismiss(record.note);
  }

  reply(): { applied: AppliedNote | undefined; notices: NoticeNote[] } {
    return { applied: this.#applied, notices: [...this.#notices.values()] };
  }

  #keep(note: NoticeNote): void {
    this.#notices.set(note.notice.id, note);
    this.recorded.add(note.notice.id);
  }

  #dismiss({ user, id }: { user: string; id: string }): void {
    const note = this.#notices.get(id);
    if (note === undefined) return;
    const users = note.users.filter((one) => one !== user);
    if (users.length === 0) this.#notices.delete(id);
    else this.#notices.set(id, { ...note, users });
  }
}
