import { z } from "zod";
import type { FileSpan, TraceContent } from "../trace-file/content.ts";
import { InfernoError } from "../errors.ts";
import { checked, followStack, importedContent, StackBuilder, wrong } from "./foreign.ts";
import { events, lanesOf } from "./lanes.ts";

/** V8's .cpuprofile: a tree of frames, and which of them was running when. Times are microseconds. */

interface Node {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly scriptId: string; readonly url: string; readonly lineNumber: number; readonly columnNumber: number };
  hitCount: number;
  readonly children: number[];
}

/** Only the first track's own lane: the format knows one stack. */
export function toCpuProfile(content: TraceContent): string {
  const nodes: Node[] = [];
  const byPath = new Map<string, Node>();
  const nodeOf = (parent: Node | null, name: string): Node => {
    const key = `${parent?.id ?? 0} ${name}`;
    const known = byPath.get(key);
    if (known !== undefined) return known;
    const node: Node = { id: nodes.length + 1, callFrame: { functionName: name, scriptId: "0", url: "", lineNumber: -1, columnNumber: -1 }, hitCount: 0, children: [] };
    nodes.push(node);
    byPath.set(key, node);
    parent?.children.push(node.id);
    return node;
  };
  const root = nodeOf(null, "(root)");
  const stack = [root];
  const samples: number[] = [];
  const timeDeltas: number[] = [];
  const [lane] = lanesOf(content).lanes;
  const list = lane === undefined ? [] : [...events(lane)];
  let before = list[0]?.atUs ?? 0;
  const startTime = before;
  list.forEach(({ opens, span, atUs }, index) => {
    if (opens) stack.push(nodeOf(stack.at(-1)!, span.name));
    else stack.pop();
    // Several openings at one time are one sample, of the innermost.
    if (list[index + 1]?.atUs === atUs) return;
    const node = stack.at(-1)!;
    node.hitCount += 1;
    samples.push(node.id);
    timeDeltas.push(atUs - before);
    before = atUs;
  });
  return JSON.stringify({ nodes, startTime, endTime: before, samples, timeDeltas });
}

const File = z.object({
  nodes: z.array(z.object({
    id: z.int(), callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number(), columnNumber: z.number() }),
    children: z.array(z.int()).optional(), parent: z.int().optional(),
  })).min(1),
  startTime: z.number(), endTime: z.number(), samples: z.array(z.int()), timeDeltas: z.array(z.number()),
});

const format = "CPU profile";
/** A stack is written once and sampled often: few bytes can stand for very many frames. */
const workLimit = 200_000_000;

export function fromCpuProfile(value: unknown): TraceContent {
  const file = checked(File, value, format);
  const { nodes, samples, timeDeltas } = file;
  if (samples.length !== timeDeltas.length) throw wrong(format, `timeDeltas: there are ${timeDeltas.length} for ${samples.length} samples`);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map<number, number>();
  for (const { id, parent } of nodes) if (parent !== undefined) parents.set(id, parent);
  for (const { id, children = [] } of nodes) for (const child of children) parents.set(child, id);
  let work = 0;
  const stackOf = (id: number): Parameters<typeof followStack>[1] => {
    const frames: { key: unknown; name: string; attributes: FileSpan["attributes"] }[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const node = byId.get(at);
      if (node === undefined) throw wrong(format, `samples: there is no node ${at}`);
      if (frames.length > nodes.length) throw wrong(format, `nodes: ${id} is its own ancestor`);
      work += 1;
      if (work > workLimit) throw new InfernoError("trace_file_too_large", `The profile's samples have more than ${workLimit} frames together.`, { hint: "Record a shorter time." });
      const { functionName, url, lineNumber } = node.callFrame;
      // The root is no frame, but the whole.
      if (!parents.has(at) && functionName === "(root)") break;
      frames.push({ key: at, name: functionName === "" ? "(anonymous)" : functionName, attributes: url === "" ? {} : { url, line: lineNumber + 1 } });
    }
    return frames.reverse();
  };
  const spans: FileSpan[] = [];
  const builder = new StackBuilder(spans, 0);
  let at = file.startTime;
  let backwards = 0;
  samples.forEach((id, index) => {
    const delta = timeDeltas[index]!;
    if (delta < 0) backwards += 1;
    at += Math.max(0, delta);
    followStack(builder, stackOf(id), at);
  });
  followStack(builder, [], Math.max(at, file.endTime));
  const notes = backwards > 0 ? [`${backwards} samples lie before the one before them; they are taken to be at its time.`] : [];
  return importedContent({ source: "cpuprofile", title: "CPU profile", tracks: [{ id: 0, name: "main", kind: "thread", request: null }], spans, notes });
}
