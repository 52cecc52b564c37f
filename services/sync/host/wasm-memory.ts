// How much memory Loro's wasm instance of this thread has. It only ever grows: what a freed document leaves is used again by the
// next one, and goes back to the system only with the thread.
import * as loro from 'loro-crdt';

const memory = memoryOf(loro);

/** 0 when this build of Loro does not show it. */
export function wasmBytes(): number {
  return memory?.buffer.byteLength ?? 0;
}

/** The build for Node, which Bun takes too, exports its instance beside its classes; the types do not say so. */
function memoryOf(module: object): WebAssembly.Memory | undefined {
  const wasm: unknown = '__wasm' in module ? module.__wasm : undefined;
  if (typeof wasm !== 'object' || wasm === null || !('memory' in wasm)) return undefined;
  return wasm.memory instanceof WebAssembly.Memory ? wasm.memory : undefined;
}
