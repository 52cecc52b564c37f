// Text in pieces at separators that stand in no brackets and in no quotes: `decimal(10, 2)` is one piece.

const OPEN = '([<';
const CLOSE = ')]>';
const QUOTES = `"'\``;

/** One pass. A quote opens where a word may begin: in the middle of one it is an apostrophe. */
export function splitOutside(text: string, separators: string): string[] {
  const pieces: string[] = [];
  let [from, depth, quote] = [0, 0, ''];
  for (let at = 0; at < text.length; at++) {
    const sign = text.charAt(at);
    if (quote !== '') {
      if (sign === quote) quote = '';
    } else if (QUOTES.includes(sign)) {
      if (at === 0 || !/\w/.test(text.charAt(at - 1))) quote = sign;
    } else if (OPEN.includes(sign)) depth += 1;
    else if (CLOSE.includes(sign)) depth = Math.max(0, depth - 1);
    else if (depth === 0 && separators.includes(sign)) {
      pieces.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...pieces, text.slice(from)];
}
