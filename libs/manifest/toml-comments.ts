// Where a TOML file has comments. The document has no place for them, so whoever brings a file in is told which it drops. For text
// that parses; strings are skipped, as a `#` in one is none.

/** Lines that are listed; the others are counted. */
const LINES_LIMIT = 100;
/** Written by an export, and read by editors: nobody misses them. */
const NO_COMMENT = /^#(?::schema\b| hakiri manifest\.)/;
const QUOTES = ['"""', "'''", '"', "'"];

/** Undefined when there is none. */
export function commentsOf(toml: string): { count: number; lines: number[] } | undefined {
  const lines: number[] = [];
  let count = 0;
  let line = 1;
  for (let at = 0; at < toml.length; at++) {
    const char = toml[at];
    if (char === '\n') line += 1;
    else if (char === '#') {
      const end = toml.indexOf('\n', at);
      const text = toml.slice(at, end === -1 ? undefined : end);
      if (!NO_COMMENT.test(text)) {
        count += 1;
        if (count <= LINES_LIMIT) lines.push(line);
      }
      at += text.length - 1;
    } else if (char === '"' || char === "'") {
      const end = endOfString(toml, at);
      for (; at < end; at++) if (toml[at] === '\n') line += 1;
    }
  }
  return count === 0 ? undefined : { count, lines };
}

/** Of its last quote. */
function endOfString(toml: string, start: number): number {
  const quote = QUOTES.find((one) => toml.startsWith(one, start)) ?? '"';
  const isLiteral = quote.startsWith("'");
  let at = start + quote.length;
  while (at < toml.length && !toml.startsWith(quote, at)) at += !isLiteral && toml[at] === '\\' ? 2 : 1;
  // Up to two more quotes belong to a text of several lines.
  let end = at + quote.length - 1;
  if (quote.length === 3) while (toml[end + 1] === quote[0]) end += 1;
  return end;
}
