// Where the bare document is: its module is loaded after somebody listens for the memory that it makes.
let memory: WebAssembly.Memory | undefined;
const { Instance } = WebAssembly;
WebAssembly.Instance = new Proxy(Instance, {
  construct(target, args) {
    const instance: unknown = Reflect.construct(target, args);
    if (!(instance instanceof Instance)) throw new Error('no instance was made');
    if (instance.exports.memory instanceof WebAssembly.Memory) memory = instance.exports.memory;
    return instance;
  },
});
const { LoroDoc } = await import('loro-crdt');
const doc = new LoroDoc();

self.onmessage = ({ data }: MessageEvent<unknown>) => {
  if (data instanceof Uint8Array) doc.import(data);
  else self.postMessage(memory?.buffer.byteLength ?? Number.NaN);
};

export {};
