import type { GenerateRequest, Prompt } from "../host/messages.ts";
import type { ModelRuntime } from "../routing/model-runtime.ts";
import type { TraceRecorder } from "../trace/recorder.ts";

/** A request for a generation, checked and with all defaults, before it has an id. */
export interface Generating {
  readonly route: string;
  readonly model: ModelRuntime;
  /** Without the prompt where that is still to be made. */
  readonly request: Omit<GenerateRequest, "id">;
  /** Makes the prompt, as a part of the request's own time. */
  readonly prompt?: ((trace: TraceRecorder, signal: AbortSignal, timeoutMs: () => number | null) => Promise<Prompt>) | undefined;
  /** All that it says beside its prompt, for its trace. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** As it was sent; absent where that is too large to keep. */
  readonly body?: Readonly<Record<string, unknown>> | undefined;
}
