import { InfernoError } from "../../protocol/errors.ts";
import type { AdapterScale } from "../backends/backend.ts";
import type { Answer } from "./answer.ts";
import type { Debugged, Resumption } from "./debug/debugged.ts";
import type { GenerateRequest } from "./messages.ts";
import type { PreparedPrompt } from "./prepare.ts";
import { Recording } from "./recording.ts";
import type { Timeline } from "./timeline.ts";

/** One request in work: a prompt, and the answers that are made from it. All its answers share one timeline, because one thread does all the work. */
export class Job {
  readonly request: GenerateRequest;
  readonly prompt: PreparedPrompt;
  readonly timeline: Timeline;
  readonly adapters: readonly AdapterScale[];
  /** The adapters' files and scales as one word: what was computed with others cannot be shared. */
  readonly namespace: string;
  /** What it goes on from, where that is not its prompt. */
  readonly resumption: Resumption | null;
  /** On the clock; null for none. */
  deadlineUs: number | null;
  /** Wakes the loop at the deadline. */
  deadlineTimer: NodeJS.Timeout | null = null;
  /** Answers that are not over. */
  readonly open = new Set<Answer>();
  /** Its client does not keep up. */
  slow = false;
  /** Under a debugger; null without one. */
  debug: Debugged | null = null;
  /** Whether one of its answers has started: before, time passes in the queue, afterwards between steps. */
  begun = false;
  /** What is recorded of the engine's operations; null where nothing was asked for. */
  readonly recording: Recording | null;
  /** Number of the step that the timeline has last; several answers of a request share a step's decode. */
  lastStep = -1;

  constructor(request: GenerateRequest, prompt: PreparedPrompt, timeline: Timeline, { adapters, namespace, resumption }: Pick<Job, "adapters" | "namespace" | "resumption">) {
    this.request = request;
    this.prompt = prompt;
    this.timeline = timeline;
    this.adapters = adapters;
    this.namespace = namespace;
    this.resumption = resumption;
    this.recording = request.profile ? new Recording(request.profile) : null;
    this.deadlineUs = request.timeoutMs === null ? null : timeline.startUs + request.timeoutMs * 1000;
  }

  /** No step for it now. */
  get paused(): boolean {
    return this.slow || (this.debug?.stopped ?? false);
  }

  /** It may take as long as it likes: somebody looks at it. */
  forgetDeadline(): void {
    this.deadlineUs = null;
    if (this.deadlineTimer !== null) clearTimeout(this.deadlineTimer);
    this.deadlineTimer = null;
  }

  /** The error with which it ends when its time is over at `nowUs`; null while it is not. */
  tooLate(nowUs: number): InfernoError | null {
    if (this.deadlineUs === null || nowUs < this.deadlineUs) return null;
    const message = `The answer was not complete after the ${Math.round(this.request.timeoutMs ?? 0)} ms that it had in the model's process.`;
    return new InfernoError("deadline_exceeded", message, { param: "timeout_ms" });
  }

  /** Time between this request's stages up to `endUs`. */
  idle(endUs: number): void {
    this.timeline.idle(this.begun ? "wait" : "queue", endUs);
  }
}
