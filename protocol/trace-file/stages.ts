import type { FileSpan, Request, TraceContent } from "./content.ts";

/** All spans of one name. */
export interface Stage {
  readonly name: string;
  readonly count: number;
  /** Time in them; one within another of its name is counted once. */
  readonly totalUs: number;
  /** Without what spans within them took. */
  readonly selfUs: number;
}

/** By self time, longest first. The spans are a tree, as `readWhole` leaves them. */
export function stagesOf({ spans, tracks }: Pick<TraceContent, "spans" | "tracks">): Stage[] {
  const requestOf = new Map(tracks.map(({ id, request }) => [id, request]));
  const keyOf = (span: FileSpan, id: string): string => `${requestOf.get(span.track) ?? "none"} ${id}`;
  const children = Map.groupBy(spans.filter(({ parentId }) => parentId !== null), (span) => keyOf(span, span.parentId ?? ""));
  const stages = new Map<string, { name: string; count: number; totalUs: number; selfUs: number }>();
  const open = new Map<string, number>();
  // Down and up again without recursion: an imported stack may be deeper than ours.
  const way: { readonly span: FileSpan; readonly below: readonly FileSpan[]; next: number }[] = [];
  const enter = (span: FileSpan): void => {
    const below = children.get(keyOf(span, span.id)) ?? [];
    const stage = stages.get(span.name) ?? { name: span.name, count: 0, totalUs: 0, selfUs: 0 };
    stages.set(span.name, stage);
    const outer = open.get(span.name) ?? 0;
    stage.count += 1;
    if (outer === 0) stage.totalUs += span.durationUs;
    stage.selfUs += Math.max(0, span.durationUs - below.reduce((sum, { durationUs }) => sum + durationUs, 0));
    open.set(span.name, outer + 1);
    way.push({ span, below, next: 0 });
  };
  for (const root of spans) {
    if (root.parentId !== null) continue;
    enter(root);
    for (let at = way.at(-1); at !== undefined; at = way.at(-1)) {
      const child = at.below[at.next];
      at.next += 1;
      if (child !== undefined) enter(child);
      else open.set(way.pop()!.span.name, open.get(at.span.name)! - 1);
    }
  }
  return [...stages.values()].sort((a, b) => b.selfUs - a.selfUs || (a.name < b.name ? -1 : 1));
}

/** From the first span's start to the last one's end. */
export function extentUs(spans: readonly FileSpan[]): number {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { startUs, durationUs } of spans) {
    from = Math.min(from, startUs);
    to = Math.max(to, startUs + durationUs);
  }
  return to < from ? 0 : to - from;
}

export interface StageDifference {
  readonly name: string;
  readonly before: Stage | null;
  readonly after: Stage | null;
  /** Of self time: what is added and taken away by the stage itself. */
  readonly differenceUs: number;
}

export interface FactDifference {
  readonly fact: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface TraceDifference {
  readonly wallUs: readonly [before: number, after: number];
  /** Greatest difference first. */
  readonly stages: readonly StageDifference[];
  /** Facts, parameters and engine that differ; empty for imports, which say nothing of them. */
  readonly facts: readonly FactDifference[];
}

export function compareTraces(before: TraceContent, after: TraceContent): TraceDifference {
  const [was, is] = [before, after].map((content) => new Map(stagesOf(content).map((stage) => [stage.name, stage]))) as [Map<string, Stage>, Map<string, Stage>];
  const stages = [...new Set([...was.keys(), ...is.keys()])].map((name): StageDifference => {
    const [old, now] = [was.get(name) ?? null, is.get(name) ?? null];
    return { name, before: old, after: now, differenceUs: (now?.selfUs ?? 0) - (old?.selfUs ?? 0) };
  });
  return {
    wallUs: [extentUs(before.spans), extentUs(after.spans)],
    stages: stages.sort((a, b) => Math.abs(b.differenceUs) - Math.abs(a.differenceUs) || (a.name < b.name ? -1 : 1)),
    facts: factDifferences(factsOf(before.meta.requests[0]), factsOf(after.meta.requests[0])),
  };
}

function factsOf(request: Request | undefined): Map<string, unknown> {
  if (request === undefined) return new Map();
  const { model, route, status, promptTokens, completionTokens, ttftUs, tokensPerSecond, reuse, speculation, parameters, engine } = request;
  return new Map<string, unknown>(Object.entries({
    model, route, status, "prompt tokens": promptTokens, "answer tokens": completionTokens, "ttft µs": ttftUs, "tokens/s": tokensPerSecond,
    "reused tokens": reuse?.tokens, "reuse source": reuse?.source, "reuse ended": reuse?.reason, "guessed tokens": speculation?.drafted, "right guesses": speculation?.accepted,
    ...Object.fromEntries(Object.entries(parameters).map(([key, value]) => [`parameter ${key}`, value])),
    ...Object.fromEntries(Object.entries(engine ?? {}).map(([key, value]) => [`engine ${key}`, value])),
  }));
}

function factDifferences(before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): FactDifference[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((fact) => {
    const [old, now] = [before.get(fact) ?? null, after.get(fact) ?? null];
    return JSON.stringify(old) === JSON.stringify(now) ? [] : [{ fact, before: old, after: now }];
  });
}
