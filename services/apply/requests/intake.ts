// Takes Apply requests in, and waits with the caller for what becomes of them.
import { utf8 } from '@hakiri/base/bytes';
import { canonicalJson } from '@hakiri/base/json';
import type { ApplyBody, ApplyStatus } from '@hakiri/contracts/apply';
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import type { TokenRole } from '@hakiri/contracts/roles';
import { digestOf } from '@hakiri/manifest/digest';
import type { Bell } from '@hakiri/service/bell';
import type { Clock, Timer } from '@hakiri/substrate/clock';
import type { Store } from '../store/store.ts';
import type { RevertKey } from '../store/store-reverts.ts';
import type { RequestRow } from '../store/store-rows.ts';
import type { RequestViews } from './request-view.ts';
import type { Step } from './steps.ts';

type Asked = {
  team: string;
  author: string;
  authorRole: TokenRole;
  /** Of a token that was narrowed to a time. */
  untilMs?: number;
  idempotencyKey: string;
  body: ApplyBody;
  traceparent: string;
};
export type Answer = { kind: 'status'; status: ApplyStatus } | { kind: 'mismatch' } | { kind: 'full' };

export type Intake = {
  /** Answers as soon as there is an outcome, or with `pending` after `waitMs`. */
  submit(asked: Asked, waitMs: number, signal: AbortSignal): Promise<Answer>;
  /** All of a revert's or none, with what a repeat is answered. Undefined when its key is there, or there is no room for all. */
  acceptRevert(
    key: RevertKey,
    bodyHash: string,
    answer: Uint8Array,
    asked: readonly Omit<Asked, 'idempotencyKey'>[],
  ): Promise<RequestRow[] | undefined>;
  /** The request as soon as it has ended or waits for people or for a time, or as it is after `waitMs`. */
  settled(row: RequestRow, waitMs: number, signal: AbortSignal): Promise<RequestRow>;
  /** Ends every wait with what is known. */
  stop(): void;
};

export function createIntake(deps: {
  store: Pick<Store, 'accept' | 'acceptRevert' | 'request' | 'settledAmong'>;
  views: Pick<RequestViews, 'status'>;
  /** Rings with a request's id when it has its outcome. */
  bell: Bell;
  clock: Clock;
  step: Step;
  lookAgainMs: number;
  /** Called when a request is committed. */
  onAccepted(): void;
}): Intake {
  const { store, views, bell, clock, lookAgainMs } = deps;
  let stopping = false;
  let looking: Timer | undefined;

  /**
   * Another process may be the one who finishes a request: so all that are waited for are looked at now and then, together. Each
   * for itself they kept a busy database from the very work that they waited for.
   */
  function lookLater(): void {
    looking ??= clock.after(lookAgainMs, () => {
      store
        .settledAmong(bell.keys())
        .then((settled) => settled.forEach(bell.ring))
        // Of a database that is away whoever asks again is told.
        .catch(() => undefined)
        .finally(() => {
          looking = undefined;
          if (bell.listeners() > 0 && !stopping) lookLater();
        });
    });
  }

  async function wait(row: RequestRow, waitMs: number, signal: AbortSignal): Promise<RequestRow> {
    const listener = bell.listen(row.id);
    signal.addEventListener('abort', listener.close, { once: true });
    try {
      const deadline = clock.now() + waitMs;
      for (;;) {
        const current = (await store.request(row.team, row.id)) ?? row;
        const leftMs = deadline - clock.now();
        const isUnderWay = current.state === 'requested' || current.state === 'publishing';
        if (!isUnderWay || leftMs <= 0 || stopping || signal.aborted) return current;
        lookLater();
        await listener.rung(leftMs);
      }
    } finally {
      signal.removeEventListener('abort', listener.close);
      listener.close();
    }
  }

  async function hashed<One extends Pick<Asked, 'body'>>(asked: One): Promise<One & { bodyHash: string }> {
    const body = { ...asked.body, doc: asked.body.doc ?? DEFAULT_DOC };
    return { ...asked, body, bodyHash: await digestOf(utf8(canonicalJson(body))) };
  }

  return {
    acceptRevert: async (key, bodyHash, answer, asked) => {
      const rows = await store.acceptRevert(key, bodyHash, answer, await Promise.all(asked.map(hashed)));
      if (rows === undefined || rows.length === 0) return rows;
      await deps.step('accepted');
      deps.onAccepted();
      return rows;
    },
    submit: async (asked, waitMs, signal) => {
      const accepted = await store.accept(await hashed(asked));
      if (accepted.kind === 'mismatch' || accepted.kind === 'full') return accepted;
      if (accepted.kind === 'accepted') {
        await deps.step('accepted');
        deps.onAccepted();
      }
      return { kind: 'status', status: await views.status(await wait(accepted.row, waitMs, signal)) };
    },
    settled: wait,
    stop: () => {
      stopping = true;
      looking?.cancel();
      bell.ringAll();
    },
  };
}
