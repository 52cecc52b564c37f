// A run's log on its way: in order, once each, within bounds, whatever the scheduler does.
import { expect, test } from 'bun:test';
import { ApiProblem, Unreachable } from '@hakiri/client/errors';
import { problem } from '@hakiri/contracts/problem';
import { LOG_BATCH_LIMIT, type LogBody, type Run } from '@hakiri/contracts/scheduler';
import { silentLogger } from '@hakiri/service/logger';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { EMPTY_LOG, planLog } from '../log-plan.ts';
import { BUFFER_LIMIT_LINES, createRunLog } from './run-log.ts';

const RUN: Run = {
  ...{
    id: 'r',
    pipeline: 'p',
    key: 'k',
    revision: 1,
    cause: 'manual',
    dueAt: '',
    state: 'running',
    fence: 1,
  },
};

/** What `answer` throws is what the node is told; the batch is taken all the same unless it was `refused`. */
function bed(answer: (body: LogBody) => Error | undefined, refused = false) {
  const clock = createSimulatedClock();
  const taken: string[] = [];
  let head = EMPTY_LOG;
  const log = createRunLog({
    ...{ claim: { run: RUN, fence: 1 }, clock, logger: silentLogger },
    mask: (text) => text.replaceAll('hidden', '${X}'),
    api: {
      log: async (_run, body) => {
        expect(body.lines.length).toBeLessThanOrEqual(LOG_BATCH_LIMIT);
        const error = answer(body);
        if (!error || !refused) {
          const lines = body.lines.map(({ level, text }) => ({ atMs: 0, level, step: null, text }));
          const plan = planLog(head, { ...body, lines });
          head = plan.head;
          taken.push(...plan.kept.map(({ text }) => text));
        }
        if (error) throw error;
        return { next: head.nextSequence };
      },
    },
  });
  return { clock, taken, log };
}

test('[SC8.11] lines arrive in order and once, masked, though answers are lost', async () => {
  let asked = 0;
  const { clock, taken, log } = bed(() => (++asked % 2 === 1 ? new Unreachable('lost') : undefined));
  const texts = Array.from({ length: 450 }, (_, index) => `line ${index}`);
  for (const text of texts) log.write('info', text);
  log.write('info', 'hidden');
  await clock.advance(60_000);
  expect(taken).toEqual([...texts, '${X}']);
  expect(asked).toBeGreaterThan(3);
});

test('[SC8.11] while nobody answers a bounded number is kept, and how many were dropped is said; the end waits for a bounded time', async () => {
  let isAway = true;
  const { clock, taken, log } = bed(() => (isAway ? new Unreachable('away') : undefined), true);
  for (let index = 0; index < BUFFER_LIMIT_LINES + 7; index += 1) log.write('info', `line ${index}`);
  let isFlushed = false;
  const flushed = log.flush(2_000).then(() => {
    isFlushed = true;
  });
  await clock.advance(1_900);
  expect(isFlushed).toBe(false);
  await clock.advance(200);
  await flushed;
  isAway = false;
  await clock.advance(120_000);
  expect(taken).toHaveLength(BUFFER_LIMIT_LINES + 1);
  expect(taken).toContain('7 lines were dropped here: the scheduler could not be reached.');
});

test('[SC8.11] what is refused for good is not sent again', async () => {
  let asked = 0;
  const stale = new ApiProblem(problem('stale_claim', 'passed on'));
  const { clock, log } = bed(() => {
    asked += 1;
    return stale;
  }, true);
  log.write('info', 'one');
  await clock.advance(1_000);
  log.write('info', 'two');
  await log.flush(1_000);
  await clock.advance(60_000);
  expect(asked).toBe(1);
});
