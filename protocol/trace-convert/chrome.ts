import { z } from "zod";
import type { FileSpan, Series, Track, TraceContent } from "../trace-file/content.ts";
import { attributeOf, checked, importedContent, StackBuilder, wrong } from "./foreign.ts";
import { laneName, lanesOf } from "./lanes.ts";

/** Chrome's trace events, as chrome://tracing, Perfetto and Node read and write them. Times are microseconds. */

const process = 1;

export function toChrome(content: TraceContent): string {
  const { lanes } = lanesOf(content);
  const head: object[] = [{ name: "process_name", ph: "M", ts: 0, pid: process, tid: 0, args: { name: content.meta.title } }];
  const body = lanes.flatMap((lane, index) => {
    const tid = index + 1;
    head.push({ name: "thread_name", ph: "M", ts: 0, pid: process, tid, args: { name: laneName(content, lane) } });
    return lane.spans.map(({ name, startUs, durationUs, attributes }) => ({ name, cat: content.meta.source, ph: "X", ts: startUs, dur: durationUs, pid: process, tid, args: attributes }));
  });
  const counters = content.series.flatMap(({ name, unit, points }) => points.filter(([, value]) => Number.isFinite(value)).map(([ts, value]) => ({ name, ph: "C", ts, pid: process, tid: 0, args: { [unit === "" ? "value" : unit]: value } })));
  const { title, producer, startedAt, requests: [request] } = content.meta;
  const otherData = { title, producer, startedAt, ...(request !== undefined && { trace: request.id, model: request.model, route: request.route, status: request.status }) };
  return JSON.stringify({ traceEvents: [...head, ...body, ...counters], displayTimeUnit: "ms", otherData });
}

const Event = z.object({
  ph: z.string(), name: z.string().optional(), ts: z.number().optional(), dur: z.number().optional(), cat: z.string().optional(),
  pid: z.union([z.number(), z.string()]).optional(), tid: z.union([z.number(), z.string()]).optional(), id: z.union([z.number(), z.string()]).optional(),
  args: z.record(z.string(), z.unknown()).optional(),
});
type Event = z.infer<typeof Event>;
const File = z.union([z.array(z.unknown()), z.object({ traceEvents: z.array(z.unknown()), otherData: z.record(z.string(), z.unknown()).optional() })]);

const format = "Chrome trace";

export function fromChrome(value: unknown): TraceContent {
  const file = checked(File, value, format);
  const list = Array.isArray(file) ? file : file.traceEvents;
  const events = list.map((event, index) => {
    const parsed = Event.safeParse(event);
    if (!parsed.success) throw wrong(format, `traceEvents.${index}.${parsed.error.issues[0]?.path.join(".") ?? ""}: ${parsed.error.issues[0]?.message ?? "not valid"}`);
    if (parsed.data.ph !== "M" && !Number.isFinite(parsed.data.ts)) throw wrong(format, `traceEvents.${index}.ts: a number is wanted`);
    return parsed.data;
  });
  const reader = new ChromeEvents();
  // Sorted by time, for files need not be; what begins together is in the file's order, but for complete events, of which the longest comes first.
  for (const event of events.toSorted((a, b) => (a.ts ?? 0) - (b.ts ?? 0) || (a.ph === "X" && b.ph === "X" ? (b.dur ?? 0) - (a.dur ?? 0) : 0))) reader.take(event);
  const title = Array.isArray(file) ? undefined : file.otherData?.["title"];
  return reader.content(typeof title === "string" ? title : "Chrome trace");
}

interface Lane {
  readonly track: Track;
  readonly builder: StackBuilder;
  /** Ends of open spans; null for those that wait for their `E`. */
  readonly ends: (number | null)[];
}

class ChromeEvents {
  readonly #spans: FileSpan[] = [];
  readonly #lanes = new Map<string, Lane>();
  readonly #names = new Map<string, string>();
  readonly #series = new Map<string, Series & { points: [number, number][] }>();
  readonly #ignored = new Map<string, number>();
  #lastUs = Number.NEGATIVE_INFINITY;
  #unopened = 0;

  take(event: Event): void {
    const { ph, name = "", ts = 0, dur = 0, args = {} } = event;
    if (ph !== "M") this.#lastUs = Math.max(this.#lastUs, ts + Math.max(0, dur));
    switch (ph) {
      case "X": return this.#begin(this.#lane(event), event, ts + Math.max(0, dur));
      case "B": return this.#begin(this.#lane(event), event, null);
      case "E": return this.#end(this.#lane(event), event);
      case "b": return this.#begin(this.#lane(event, true), event, null);
      case "e": return this.#end(this.#lane(event, true), event);
      case "C":
        for (const [key, value] of Object.entries(args)) if (typeof value === "number") this.#count(Object.keys(args).length === 1 ? name : `${name} ${key}`, key, ts, value);
        return;
      case "M":
        if (name === "thread_name" || name === "process_name") this.#names.set(`${name} ${event.pid ?? ""} ${name === "thread_name" ? event.tid ?? "" : ""}`, String(attributeOf(args["name"] ?? "")));
        return;
      default: this.#ignored.set(ph, (this.#ignored.get(ph) ?? 0) + 1);
    }
  }

  content(title: string): TraceContent {
    let unclosed = 0;
    for (const { builder, ends } of this.#lanes.values()) {
      while (ends.length > 0) {
        const end = ends.pop();
        if (end === null) unclosed += 1;
        builder.close(end ?? this.#lastUs);
      }
    }
    const tracks = [...this.#lanes].map(([key, { track }]) => {
      const [pid = "", tid = ""] = key.split("\n");
      const [thread, of] = [this.#names.get(`thread_name ${pid} ${tid}`), this.#names.get(`process_name ${pid} `)];
      return { ...track, name: track.kind === "async" ? track.name : [of ?? `process ${pid}`, thread ?? `thread ${tid}`].join(", ") };
    });
    const notes = [
      unclosed > 0 ? `${unclosed} events begin and never end; they end with the trace.` : "",
      this.#unopened > 0 ? `${this.#unopened} events end and never began; they are left out.` : "",
      ...[...this.#ignored].map(([ph, count]) => `${count} events of the kind "${ph.slice(0, 20)}" are left out.`),
    ].filter((note) => note !== "");
    return importedContent({ source: "chrome", title, tracks, spans: this.#spans, series: [...this.#series.values()], notes });
  }

  #lane({ pid = "", tid = "", cat = "", id = "" }: Event, isAsync = false): Lane {
    const key = isAsync ? `${pid}\nasync\n${cat}\n${id}` : `${pid}\n${tid}`;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      const track = { id: this.#lanes.size, name: isAsync ? `${cat} ${id}` : "", kind: isAsync ? "async" : "thread", request: null };
      this.#lanes.set(key, (lane = { track, builder: new StackBuilder(this.#spans, track.id), ends: [] }));
    }
    return lane;
  }

  #begin(lane: Lane, { name = "", ts = 0, args = {} }: Event, endUs: number | null): void {
    // Complete events say themselves when they end; those that have are closed before the next begins.
    for (let end = lane.ends.at(-1); end !== undefined && end !== null && end <= ts; end = lane.ends.at(-1)) {
      lane.ends.pop();
      lane.builder.close(end);
    }
    lane.builder.open(name, name, ts, Object.fromEntries(Object.entries(args).map(([key, value]) => [key, attributeOf(value)])));
    lane.ends.push(endUs);
  }

  #end(lane: Lane, { ts = 0, args = {} }: Event): void {
    for (let end = lane.ends.at(-1); end !== undefined && end !== null; end = lane.ends.at(-1)) {
      lane.ends.pop();
      lane.builder.close(Math.min(end, ts));
    }
    if (lane.ends.length === 0) this.#unopened += 1;
    lane.ends.pop();
    lane.builder.close(ts, Object.fromEntries(Object.entries(args).map(([key, value]) => [key, attributeOf(value)])));
  }

  #count(name: string, unit: string, timeUs: number, value: number): void {
    let series = this.#series.get(name);
    if (series === undefined) this.#series.set(name, (series = { name, unit: unit === "value" ? "" : unit, points: [] }));
    series.points.push([timeUs, value]);
  }
}
