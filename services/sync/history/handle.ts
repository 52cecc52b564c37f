// Giving Loro's memory back. Once its wasm has trapped every call into it throws, this one too and with another error: what went
// wrong first must be what whoever started the host hears, as a trap ends the host and an error does not.
type Handle = { free(): void };

/** What a `finally` may call: it hides no error that is on its way. Only a trap of its own comes through. */
export function free(...handles: readonly (Handle | undefined)[]): void {
  for (const handle of handles) guarded(() => handle?.free());
}

/** For what else a `finally` does with Loro. */
export function guarded(tidy: () => void): void {
  try {
    tidy();
  } catch (error) {
    // The memory is lost, the process is not; the host is, when this was a trap.
    passTrap(error);
  }
}

/** Before an error of Loro is taken for an answer. */
export function passTrap(error: unknown): void {
  if (isTrap(error)) throw error;
}

/** Also when another error was made of it. */
export function isTrap(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++)
    if (at instanceof WebAssembly.RuntimeError) return true;
  return false;
}
