// A published manifest as its blocks of text: what comes before its first entry, then each entry with what belongs to it. Apart from
// what reads them, so that a page can compare two manifests and load nothing else.

/** An entry's first line behind an empty one, or where a text of several lines begins, in which that would mean nothing. */
const MARK = /\n(?=\n\[\[(?:pipeline|variable)\]\]\n)| = ("""|''')\n/g;

/** The blocks put together, with a line feed between them, are the manifest. */
export function* splitManifest(toml: string): Generator<string> {
  const mark = new RegExp(MARK);
  let start = 0;
  for (let found = mark.exec(toml); found !== null; found = mark.exec(toml)) {
    const quotes = found[1];
    if (quotes !== undefined) {
      const end = toml.indexOf(quotes, mark.lastIndex);
      if (end === -1) break;
      mark.lastIndex = end + quotes.length;
      continue;
    }
    yield toml.slice(start, mark.lastIndex);
    start = mark.lastIndex + 1;
  }
  yield toml.slice(start);
}
