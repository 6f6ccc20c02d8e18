import { z } from "zod";
import type { OperationRecord } from "../task-model.ts";
import type { Interval } from "../backend.ts";

/** Times in microseconds since the profile's own beginning. */
const Event = z.object({
  cat: z.string(), name: z.string(), ts: z.number(), dur: z.number(),
  args: z.object({ op_name: z.string(), provider: z.string(), input_type_shape: z.array(z.record(z.string(), z.array(z.number()))), output_type_shape: z.array(z.record(z.string(), z.array(z.number()))) }).partial(),
});
type Event = z.infer<typeof Event>;

const kernel = "_kernel_time";

/**
 * The operations of onnxruntime's profile, on our clock. `runs`: when each of the session's runs was called and came back, in their order, as we measured it;
 * the profile's `model_run` of each lies inside, which says how far the two clocks are apart. The first `skipped` runs are left out.
 */
export function operationsOf(profile: string, runs: readonly Interval[], skipped: number): OperationRecord[] {
  const events = eventsOf(profile);
  const modelRuns = events.filter(({ name }) => name === "model_run").toSorted((a, b) => a.ts - b.ts);
  if (modelRuns.length !== runs.length) return [];
  const offset = offsetOf(modelRuns, runs);
  const kernels = events.filter(({ cat, name }) => cat === "Node" && name.endsWith(kernel)).toSorted((a, b) => a.ts - b.ts);
  return modelRuns.slice(skipped).flatMap((run) => kernels.filter((event) => event.ts >= run.ts && event.ts + event.dur <= run.ts + run.dur).map((event) => record(event, offset)));
}

/** One event a line. Names of nodes are written as they are, so that one with a quote in it breaks its line and no other. */
function eventsOf(profile: string): Event[] {
  return profile.split("\n").flatMap((line) => {
    try {
      return [Event.parse(JSON.parse(line.trim().replace(/,$/, "")))];
    } catch {
      return [];
    }
  });
}

/** What is to be added to the profile's times: from the latest that a run may have begun to the earliest that one may have ended, the middle. */
function offsetOf(modelRuns: readonly Event[], runs: readonly Interval[]): number {
  const least = Math.max(...runs.map(({ startUs }, index) => startUs - modelRuns[index]!.ts));
  const most = Math.min(...runs.map(({ endUs }, index) => endUs - modelRuns[index]!.ts - modelRuns[index]!.dur));
  return Math.round((least + most) / 2);
}

function record({ name, ts, dur, args }: Event, offset: number): OperationRecord {
  return {
    name: name.slice(0, -kernel.length), operator: args.op_name ?? "unknown", provider: args.provider?.replace(/ExecutionProvider$/, "") ?? "unknown",
    startUs: ts + offset, endUs: ts + dur + offset, shapes: `${shapes(args.input_type_shape)} → ${shapes(args.output_type_shape)}`,
  };
}

const shapes = (tensors: readonly Readonly<Record<string, readonly number[]>>[] = []): string =>
  tensors.flatMap((tensor) => Object.entries(tensor).map(([type, shape]) => `${type}[${shape.join(",")}]`)).join(" ");
