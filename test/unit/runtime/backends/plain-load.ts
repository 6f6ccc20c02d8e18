import type { LoadOptions } from "../../../../runtime/backends/backend.ts";

/** A model that is loaded without anything special. */
export const plainLoad: LoadOptions = {
  path: "fake:echo", parallel: 1, kvLayout: "auto", kvType: "f16", flashAttention: "auto", batch: 32, gpu: "cpu", gpuLayers: 0, draftTokens: 0, candidates: 1,
  adapters: [], checkMemory: false,
};
