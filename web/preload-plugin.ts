// Names Loro's WebAssembly in the document, so that the browser fetches it beside the scripts and not after they have run.
import type { Plugin } from 'vite';

export function preloadWasm(): Plugin {
  return {
    name: 'preload-wasm',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_, { bundle = {} }) =>
        Object.keys(bundle)
          .filter((name) => name.endsWith('.wasm'))
          .map((name) => ({
            tag: 'link',
            // As a script's `fetch` asks for it: another mode would be another request.
            attrs: {
              rel: 'preload',
              as: 'fetch',
              type: 'application/wasm',
              crossorigin: '',
              href: `/${name}`,
            },
            // Before the scripts: it is by far the largest, and nothing can be shown without it.
            injectTo: 'head-prepend',
          })),
    },
  };
}
