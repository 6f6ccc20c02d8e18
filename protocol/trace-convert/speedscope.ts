import { z } from "zod";
import type { FileSpan, Track, TraceContent } from "../trace-file/content.ts";
import { checked, followStack, importedContent, StackBuilder, wrong } from "./foreign.ts";
import { events, laneName, lanesOf } from "./lanes.ts";

/** speedscope's own format: frames by number, and profiles of openings and closings, or of stacks and their weights. */

const schema = "https://www.speedscope.app/file-format-schema.json";

export function toSpeedscope(content: TraceContent): string {
  const frames = new Map<string, number>();
  const frameOf = (name: string): number => {
    if (!frames.has(name)) frames.set(name, frames.size);
    return frames.get(name)!;
  };
  const profiles = lanesOf(content).lanes.map((lane) => {
    const list = [...events(lane)].map(({ opens, span, atUs }) => ({ type: opens ? "O" : "C", frame: frameOf(span.name), at: atUs }));
    return { type: "evented", name: laneName(content, lane), unit: "microseconds", startValue: list[0]?.at ?? 0, endValue: list.at(-1)?.at ?? 0, events: list };
  });
  return JSON.stringify({
    $schema: schema, name: content.meta.title, exporter: content.meta.producer, activeProfileIndex: 0,
    shared: { frames: [...frames.keys()].map((name) => ({ name })) }, profiles,
  });
}

const Unit = z.enum(["none", "nanoseconds", "microseconds", "milliseconds", "seconds", "bytes"]);
const Frame = z.object({ name: z.string(), file: z.string().nullish(), line: z.number().nullish(), col: z.number().nullish() });
const Evented = z.object({
  type: z.literal("evented"), name: z.string(), unit: Unit, startValue: z.number(), endValue: z.number(),
  events: z.array(z.object({ type: z.enum(["O", "C"]), frame: z.int().min(0), at: z.number() })),
});
const Sampled = z.object({
  type: z.literal("sampled"), name: z.string(), unit: Unit, startValue: z.number(), endValue: z.number(),
  samples: z.array(z.array(z.int().min(0))), weights: z.array(z.number().nonnegative()),
});
const File = z.object({
  name: z.string().nullish(), exporter: z.string().nullish(), shared: z.object({ frames: z.array(Frame) }),
  profiles: z.array(z.discriminatedUnion("type", [Evented, Sampled])),
});
type Frame = z.infer<typeof Frame>;

const usIn = { none: 1, bytes: 1, nanoseconds: 0.001, microseconds: 1, milliseconds: 1000, seconds: 1_000_000 } as const;
const format = "speedscope profile";

export function fromSpeedscope(value: unknown): TraceContent {
  const file = checked(File, value, format);
  const spans: FileSpan[] = [];
  const notes: string[] = [];
  const tracks = file.profiles.map((profile, id): Track => {
    const scale = usIn[profile.unit];
    if (profile.unit === "none" || profile.unit === "bytes") notes.push(`The profile "${profile.name}" counts ${profile.unit === "bytes" ? "bytes" : "no unit"}: one stands for a microsecond.`);
    const builder = new StackBuilder(spans, id);
    const frameOf = (frame: number): Frame => file.shared.frames[frame] ?? fail(`profiles.${id}: there is no frame ${frame}`);
    if (profile.type === "evented") takeEvents(profile, builder, frameOf, scale, id);
    else takeSamples(profile, builder, frameOf, scale, id);
    return { id, name: profile.name, kind: "thread", request: null };
  });
  return importedContent({ source: "speedscope", title: file.name ?? "speedscope profile", tracks, spans, notes });
}

function takeEvents({ events: list, endValue }: z.infer<typeof Evented>, builder: StackBuilder, frameOf: (frame: number) => Frame, scale: number, id: number): void {
  let before = Number.NEGATIVE_INFINITY;
  list.forEach(({ type, frame, at }, index) => {
    if (at < before) fail(`profiles.${id}.events.${index}.at: ${at} is before the event before it`);
    before = at;
    if (type === "O") return builder.open(frame, frameOf(frame).name, at * scale, placeOf(frameOf(frame)));
    if (builder.depth === 0 || builder.keyAt(builder.depth - 1) !== frame) fail(`profiles.${id}.events.${index}: frame ${frame} is closed, and is not the innermost that is open`);
    builder.close(at * scale);
  });
  while (builder.depth > 0) builder.close(Math.max(before, endValue) * scale);
}

function takeSamples({ samples, weights, startValue }: z.infer<typeof Sampled>, builder: StackBuilder, frameOf: (frame: number) => Frame, scale: number, id: number): void {
  if (samples.length !== weights.length) fail(`profiles.${id}.weights: there are ${weights.length} for ${samples.length} samples`);
  let at = startValue;
  samples.forEach((stack, index) => {
    followStack(builder, stack.map((frame) => ({ key: frame, name: frameOf(frame).name, attributes: placeOf(frameOf(frame)) })), at * scale);
    at += weights[index]!;
  });
  followStack(builder, [], at * scale);
}

const placeOf = ({ file, line, col }: Frame): FileSpan["attributes"] => ({ ...(typeof file === "string" && { file }), ...(typeof line === "number" && { line }), ...(typeof col === "number" && { column: col }) });

function fail(what: string): never {
  throw wrong(format, what);
}
