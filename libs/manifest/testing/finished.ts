// Work in pieces, done at once.

export function finished<Result>(pieces: Generator<undefined, Result>): Result {
  for (;;) {
    const piece = pieces.next();
    if (piece.done) return piece.value;
  }
}
