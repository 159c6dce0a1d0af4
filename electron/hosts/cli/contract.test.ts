import { contractSuite } from '../test-support/contract-suite.ts';

contractSuite('direct calls', (backend) => {
  const calls = new Map<string, AbortController>();
  return Promise.resolve({
    call: ({ callId, procedure, input }) => {
      const controller = new AbortController();
      calls.set(callId, controller);
      return backend.call(procedure, input, controller.signal);
    },
    cancel: (callId) => calls.get(callId)?.abort(),
    subscribe: (listener) => backend.subscribe(listener),
    handOver: async (path) => ({ ok: true, value: await backend.handOver([path]) }),
    close: () => Promise.resolve(),
  });
});
