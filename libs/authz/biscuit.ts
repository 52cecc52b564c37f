// The biscuit WebAssembly module, ready to use once this file is imported. The package's own entry needs a bundler or a flag
// of Node's, so the two files behind it are loaded here, found through the package wherever npm has put it.
import type * as Api from '@biscuit-auth/biscuit-wasm';

type Glue = typeof Api & { __wbg_set_wasm(exports: WebAssembly.Exports): void };

/** The module greets on the console when it starts, and would print what it panics about. Both would end up in our output. */
const CONSOLE_IMPORT = /^__wbg_(?:debug|error|info|log|warn)_/;

const entry = import.meta.resolve('@biscuit-auth/biscuit-wasm');
const glue: Glue = await import(new URL('biscuit_bg.js', entry).href);
const wasm = await Bun.file(new URL('biscuit_bg.wasm', entry)).arrayBuffer().then(WebAssembly.compile);
await instantiate(wasm);

export const biscuit: typeof Api = glue;

/** Of the file's bytes nothing must be within reach here: the functions that are made live as long as the module. */
async function instantiate(module: WebAssembly.Module): Promise<void> {
  const glueImports: WebAssembly.ModuleImports = {};
  for (const [name, value] of Object.entries(glue)) {
    if (typeof value === 'function') glueImports[name] = CONSOLE_IMPORT.test(name) ? () => {} : value;
  }
  const imports: WebAssembly.Imports = {};
  for (const { module: from } of WebAssembly.Module.imports(module)) {
    imports[from] ??= from.endsWith('biscuit_bg.js')
      ? glueImports
      : { performance_now: () => performance.now() };
  }
  const { exports } = await WebAssembly.instantiate(module, imports);
  glue.__wbg_set_wasm(exports);
  const { __wbindgen_start: start } = exports;
  if (typeof start === 'function') start();
}
