// The biscuit WebAssembly module, ready to use once this file is imported. The package's own entry needs a bundler or a flag
// of Node's, and its `exports` hides the two files that do not: hence the paths into node_modules, which npm workspaces keep
// at the root. Static paths, so that a browser bundle and a compiled binary carry the module too.
import type * as Api from '@biscuit-auth/biscuit-wasm';
// @ts-expect-error -- generated glue without types of its own: it has those of the package
import * as glue from '../../node_modules/@biscuit-auth/biscuit-wasm/module/biscuit_bg.js';
// @ts-expect-error -- a path under Bun, a URL in a browser bundle
import wasmFile from '../../node_modules/@biscuit-auth/biscuit-wasm/module/biscuit_bg.wasm' with {
  type: 'file',
};

export const biscuit: typeof Api = glue;

/** The module greets on the console when it starts, and would print what it panics about. Both would end up in our output. */
const CONSOLE_IMPORT = /^__wbg_(?:debug|error|info|log|warn)_/;

await instantiate();

async function instantiate(): Promise<void> {
  const module = await WebAssembly.compile(await wasmBytes());
  const glueImports: WebAssembly.ModuleImports = { ...glue };
  for (const name of Object.keys(glueImports)) if (CONSOLE_IMPORT.test(name)) glueImports[name] = () => {};
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

async function wasmBytes(): Promise<ArrayBuffer> {
  if (typeof Bun !== 'undefined') return Bun.file(wasmFile).arrayBuffer();
  return (await fetch(new URL(wasmFile, import.meta.url))).arrayBuffer();
}
