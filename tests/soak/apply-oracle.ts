// The long form of the oracle of partial Applies: `-- apply-oracle [<histories> [<first seed>]]`. Each seed is a history of its own
// and repeats exactly.
import { playHistory } from '@hakiri/apply/testing/apply-oracle';

const HISTORIES = 10_000;
const TOLD_EVERY = 1000;

/** False when the two disagreed. */
export function soakApplyOracle([countText, firstText]: string[]): boolean {
  const count = Number(countText ?? HISTORIES);
  const first = Number(firstText ?? 1);
  const total = { applies: 0, published: 0, refused: 0 };
  process.stdout.write(`partial Applies and their model: seeds ${first} to ${first + count - 1}\n`);
  for (let seed = first; seed < first + count; seed++) {
    try {
      const { applies, published, refused } = playHistory(seed);
      total.applies += applies;
      total.published += published;
      total.refused += refused;
    } catch (error) {
      process.stdout.write(`DISAGREE: ${error instanceof Error ? error.message : String(error)}\n`);
      return false;
    }
    if ((seed - first + 1) % TOLD_EVERY === 0)
      process.stdout.write(
        `${seed - first + 1} histories: ${total.applies} Applies, ${total.published} published, ${total.refused} refused\n`,
      );
  }
  process.stdout.write(`they agree: ${total.applies} Applies\n`);
  return true;
}
