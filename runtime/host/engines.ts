import type { Clock } from "../../base/clock.ts";
import { unreachable } from "../../base/assert.ts";
import type { LoadBackend } from "../backends/backend.ts";
import type { EngineName } from "./messages.ts";

export interface EngineEnvironment {
  readonly clock: Clock;
  /** The state folder (INFERNO_HOME). */
  readonly home: string;
}

/** Imports an engine only when a model asks for it: the native libraries of one are no burden to another. */
export async function importEngine(engine: EngineName, environment: EngineEnvironment): Promise<LoadBackend> {
  switch (engine) {
    case "llama":
      return (await import("../backends/llama/index.ts")).loadLlama(environment);
    case "fake":
      return (await import("../backends/fake/index.ts")).loadFake;
    default:
      return unreachable(engine);
  }
}
