import type { Clock } from "../../../base/clock.ts";
import type { Backend } from "../../backends/backend.ts";
import { answered, refused } from "../call-outcome.ts";
import type { FromHost, HostCall, HostCalls } from "../messages.ts";
import type { ModelHost } from "../model-host.ts";
import { Timeline } from "../timeline.ts";

type DebugKind = "debugAttach" | "debugStep" | "debugChoice" | "debugRelease" | "debugForget";
export type DebugCall = Extract<HostCall, { kind: DebugKind }>;

export const isDebugCall = (call: HostCall): call is DebugCall => call.kind.startsWith("debug");

export interface DebugCallsOptions {
  readonly host: ModelHost;
  readonly backend: Pick<Backend, "tokenBytes">;
  readonly clock: Clock;
  readonly send: (message: FromHost) => void;
}

/** A debugger's calls. All are answered at once but a step, which is answered when the request stands again. */
export class DebugCalls {
  readonly #options: DebugCallsOptions;
  /** Steps on their way: by the call's id, the request. */
  readonly #steps = new Map<string, string>();

  constructor(options: DebugCallsOptions) {
    this.#options = options;
  }

  call(id: string, call: DebugCall, sentUs: number): void {
    const { clock, send, host } = this.#options;
    const timeline = new Timeline(sentUs);
    timeline.mark("dispatch", clock.nowUs());
    try {
      if (call.kind !== "debugStep") return send(answered(id, timeline, this.#atOnce(call)));
      host.debugStep(call.request, call.tokens, (progress) => {
        this.#steps.delete(id);
        timeline.mark("wait", clock.nowUs());
        send(answered(id, timeline, progress));
      });
      this.#steps.set(id, call.request);
    } catch (error) {
      send(refused(id, timeline, error));
    }
  }

  /** Makes the request of a step stand, which answers it. False when no step has this id. */
  cancel(id: string): boolean {
    const request = this.#steps.get(id);
    if (request === undefined) return false;
    this.#options.host.debugStop(request);
    return true;
  }

  #atOnce(call: Exclude<DebugCall, { kind: "debugStep" }>): HostCalls[Exclude<DebugKind, "debugStep">]["answered"] {
    const { host } = this.#options;
    switch (call.kind) {
      case "debugAttach": return { tokens: host.debugAttach(call.request) };
      case "debugChoice": return this.#choice(call.request, call.token);
      case "debugRelease":
        host.debugRelease(call.request);
        return { released: true };
      case "debugForget":
        host.debugger.forget(call.requests);
        return { forgotten: call.requests.length };
      default: return call satisfies never;
    }
  }

  #choice(request: string, token: number): HostCalls["debugChoice"]["answered"] {
    const { host, backend } = this.#options;
    const choice = host.debugger.find(request).choice(token);
    const named = new Set(choice?.stages.flatMap(({ candidates, chosen }) => [...candidates.map(({ id }) => id), ...(chosen === null ? [] : [chosen])]));
    if (typeof choice?.grammar?.refused === "number") named.add(choice.grammar.refused);
    return { choice, pieces: new Map([...named].map((id) => [id, backend.tokenBytes(id, true)])) };
  }
}
