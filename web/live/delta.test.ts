import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Delta } from 'loro-crdt';
import { after, applied, isNothing, withoutRepeats } from './delta.ts';

test('[PG2.4] a change of a text goes where it belongs after another one', () => {
  const undoTyping = [{ retain: 6 }, { delete: 6 }];
  const typedBefore = [{ insert: 'my ' }];
  expect(applied('my orders today', after(typedBefore, undoTyping))).toBe('my orders');
  const typedInside = [{ retain: 8 }, { insert: 'BOB' }];
  expect(applied('orders tBOBoday', after(typedInside, undoTyping))).toBe('ordersBOB');
  expect(isNothing(after([{ delete: 12 }], undoTyping))).toBe(true);
});

test('[PG2.4] what is put back where it was taken from is there all along', () => {
  const text = 'orders today';
  const anew = [{ delete: 12 }, { insert: 'orders of today' }];
  expect(withoutRepeats(anew, text)).toEqual([{ retain: 7 }, { insert: 'of ' }, { retain: 5 }]);
  expect(isNothing(withoutRepeats([{ retain: 6 }, { insert: ' today' }, { delete: 6 }], text))).toBe(true);
});

test('[PG2.4] whatever two change, what one of them inserted is there in the end', () => {
  const text = 'abcdefghij';
  const splice = fc
    .tuple(fc.nat(10), fc.nat(10), fc.stringMatching(/^[A-Z]{0,3}$/))
    .map(([a, b, insert]): Delta<string>[] => [
      { retain: Math.min(a, b) },
      ...(insert === '' ? [] : [{ insert }]),
      { delete: Math.abs(a - b) },
    ]);
  fc.assert(
    fc.property(splice, splice, (mine, theirs) => {
      const other = theirs.map(
        (item): Delta<string> => (item.insert ? { insert: item.insert.toLowerCase() } : item),
      );
      const result = applied(applied(text, other), after(other, mine));
      const kept = (delta: Delta<string>[], at: number): boolean => {
        let from = 0;
        for (const { retain = 0, delete: gone = 0 } of delta) {
          if (at >= from + retain && at < from + retain + gone) return false;
          from += retain + gone;
        }
        return true;
      };
      const stays = [...text].filter((_, at) => kept(mine, at) && kept(other, at)).join('');
      const inserted = [...mine, ...other].flatMap(({ insert }) => insert ?? []).join('');
      expect(result.length).toBe(stays.length + inserted.length);
      for (const { insert } of [...mine, ...other]) if (insert) expect(result).toContain(insert);
    }),
  );
});
