import type { Clock } from "../../base/clock.ts";
import type { Caller } from "../../base/traceparent.ts";
import type { ErrorCode } from "../../protocol/errors.ts";
import { readRecording } from "../../protocol/read-recording.ts";
import type { RecordingPart, VitalsRow } from "../../protocol/trace-recording.ts";
import type { RecordLevel, TemplateSource, TraceTokens } from "../../protocol/trace-tokens.ts";
import { spanTable, type Reuse, type Span, type SpanAttributes, type SpanName, type Trace, type TraceSummary } from "../../protocol/trace.ts";
import type { SpanRecord, SpeculationCount, ToolCallDelta } from "../host/messages.ts";
import { phaseOf, phasesOf } from "./phases.ts";
import { Recording, type StoredRecording } from "./recording.ts";

export interface TraceStart {
  readonly id: string;
  readonly model: string;
  readonly route: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** On the clock: when the request's last byte had been read. */
  readonly startUs: number;
  readonly clock: Clock;
  /** Whose trace the request belongs to, if it said so. */
  readonly caller?: Caller | null;
  /** Record prompt and completion. */
  readonly text: boolean;
  /** Record each token; without `text` only what is a number. */
  readonly tokens: boolean;
}

/** What goes on around a request, as its model knows it. */
export type Surroundings = Omit<VitalsRow, "timeUs" | "loopDelayUs">;

/** What the answer itself reports. */
export interface TraceTimings {
  readonly ttftUs: number | null;
  readonly promptUs: number;
  readonly predictedUs: number;
  readonly tokensPerSecond: number | null;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly cachedTokens: number;
  readonly truncatedTokens: number;
  readonly draftedTokens: number;
  readonly acceptedTokens: number;
  readonly queueUs: number;
}

/**
 * Builds one request's trace. A cursor moves along the critical path: every leaf starts where the one before ended, in this process and,
 * handed over by `dispatch` and `return`, in the model host; so the leaves add up to the whole.
 */
export class TraceRecorder {
  readonly #start: TraceStart;
  readonly #spans: SpanRecord[] = [];
  /** Beside the phases, which are found in the spans. */
  readonly #groups: SpanRecord[] = [];
  #cursorUs: number;
  #endUs: number | null = null;
  #firstTextUs: number | null = null;
  #status: TraceSummary["status"] = "running";
  #errorCode: ErrorCode | null = null;
  #prompt: string | null = null;
  /** By choice. */
  readonly #completion: string[] = [];
  #promptTokens = 0;
  #truncatedTokens = 0;
  #reuse: Reuse | null = null;
  readonly #speculation = { drafted: 0, accepted: 0 };
  #completionTokens = 0;
  #finishedTokens = 0;
  /** When the first and the last token were chosen, and how many were. */
  readonly #sampled = { firstUs: 0, lastUs: 0, count: 0 };
  parameters: Readonly<Record<string, unknown>> = {};
  /** As it was sent; kept where texts are. */
  body: Readonly<Record<string, unknown>> | null = null;
  branch: Trace["branch"];
  engine: Trace["engine"] = null;
  /** Null as long as no model works on it. */
  surroundings: (() => Surroundings) | null = null;
  #template: TemplateSource | null = null;
  readonly #recording = new Recording();

  constructor(start: TraceStart) {
    this.#start = start;
    this.#cursorUs = start.startUs;
  }

  get id(): string {
    return this.#start.id;
  }

  get model(): string {
    return this.#start.model;
  }

  get route(): string {
    return this.#start.route;
  }

  /** How much of each token is recorded. */
  get records(): RecordLevel {
    const { tokens, text } = this.#start;
    return tokens ? (text ? "full" : "numbers") : "off";
  }

  /** Everything on the critical path up to now was `name`. Returns the time, for whoever goes on from there. */
  mark(name: SpanName, attributes?: SpanAttributes): number {
    const endUs = Math.max(this.#cursorUs, this.#start.clock.nowUs());
    this.#spans.push({ name, startUs: this.#cursorUs, endUs, attributes });
    this.#cursorUs = endUs;
    return endUs;
  }

  /** What the critical path does from here until the answer is called belongs together. */
  open(name: SpanName): (attributes: SpanAttributes) => void {
    const startUs = this.#cursorUs;
    return (attributes) => void this.#groups.push({ name, startUs, endUs: this.#cursorUs, attributes });
  }

  /** Something that ran beside the critical path. */
  beside(name: SpanName, startUs: number, attributes?: SpanAttributes): void {
    this.#spans.push({ name, startUs, endUs: this.#start.clock.nowUs(), attributes });
  }

  /** Takes the model host's spans in. */
  host(spans: readonly SpanRecord[]): void {
    for (const span of spans) {
      this.#spans.push(span);
      if (spanTable[span.name].kind === "leaf") this.#cursorUs = Math.max(this.#cursorUs, span.endUs);
      if (span.name !== "sample") continue;
      if (this.#sampled.count === 0) this.#sampled.firstUs = span.endUs;
      this.#sampled.lastUs = span.endUs;
      // Where guesses were right, one look at the logits gave several tokens.
      this.#sampled.count += Number(span.attributes?.tokens ?? 1);
    }
  }

  prompt(text: string, tokens: number, truncated: number, template: TemplateSource | null = null): void {
    this.#template = template;
    this.#promptTokens = tokens;
    this.#truncatedTokens = truncated;
    if (this.#start.text) this.#prompt = text;
  }

  /** Bytes of tokens, as the model's process made them. */
  record(kind: Exclude<RecordingPart, "vitals">, bytes: Uint8Array): void {
    if (this.records !== "off") this.#recording.add(kind, bytes);
  }

  /** Notes what goes on around it now. */
  look(loopDelayUs: number): void {
    if (this.records !== "off" && this.surroundings !== null) this.#recording.look({ timeUs: this.#start.clock.nowUs(), loopDelayUs, ...this.surroundings() });
  }

  /** What the first answer could start from; further ones start from that one's prompt. */
  reused(reuse: Reuse): void {
    const { differs } = reuse;
    this.#reuse ??= this.#start.text || differs === null ? reuse : { ...reuse, differs: { ...differs, cached: "", prompt: "" } };
  }

  /** A piece of an answer. Calls are recorded as their names and arguments. */
  text(choice: number, text: string, calls: readonly ToolCallDelta[], tokens: number): void {
    this.#completionTokens += tokens;
    if (!this.#start.text) return;
    const pieces = calls.map((call) => (call.name === undefined ? call.arguments : `\n${call.name}${call.arguments}`));
    this.#completion[choice] = (this.#completion[choice] ?? "") + text + pieces.join("");
  }

  /** An answer is over. The host's counts win: tokens that show no text (a held-back half character) belong to it. */
  finished(tokens: number, dropped: number, { drafted, accepted }: SpeculationCount): void {
    this.#finishedTokens += tokens;
    this.#truncatedTokens += dropped;
    this.#speculation.drafted += drafted;
    this.#speculation.accepted += accepted;
  }

  /** All answers are over. */
  complete(): void {
    this.#completionTokens = this.#finishedTokens;
  }

  /** The first text has gone to the client; later calls change nothing. */
  firstText(): void {
    this.#firstTextUs ??= this.#start.clock.nowUs();
  }

  /** How the request ends; the first call counts. */
  outcome(status: "ok" | "error" | "cancelled", errorCode: ErrorCode | null = null): void {
    if (this.#status !== "running") return;
    this.#status = status;
    this.#errorCode = errorCode;
  }

  /** The last byte has been written (or the connection is gone): closes the root. */
  end(): void {
    if (this.#endUs === null) this.#endUs = this.mark("respond");
  }

  /** What the answer itself reports, while the request still runs. */
  get timings(): TraceTimings {
    const prefill = this.#spans.filter(({ name }) => name === "prefill");
    const { firstUs, lastUs, count } = this.#sampled;
    const predictedUs = lastUs - firstUs;
    return {
      ttftUs: this.#firstTextUs === null ? null : this.#firstTextUs - this.#start.startUs,
      promptUs: prefill.reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0),
      predictedUs,
      tokensPerSecond: count < 2 || predictedUs <= 0 ? null : ((count - 1) * 1e6) / predictedUs,
      promptTokens: this.#promptTokens,
      completionTokens: this.#completionTokens,
      cachedTokens: this.#reuse?.tokens ?? 0,
      truncatedTokens: this.#truncatedTokens,
      draftedTokens: this.#speculation.drafted,
      acceptedTokens: this.#speculation.accepted,
      queueUs: this.#spans.reduce((sum, { name, startUs, endUs }) => (name === "queue" ? sum + endUs - startUs : sum), 0),
    };
  }

  summary(): TraceSummary {
    const { id, model, route, startedAt, startUs, clock } = this.#start;
    const { ttftUs, tokensPerSecond, promptTokens, completionTokens } = this.timings;
    return {
      id, model, route, startedAt, status: this.#status, errorCode: this.#errorCode,
      durationUs: (this.#endUs ?? clock.nowUs()) - startUs,
      promptTokens, completionTokens, ttftUs, tokensPerSecond,
    };
  }

  toTrace(): Trace {
    const summary = this.summary();
    const root = { id: "0", parentId: null, name: "request", startUs: 0, durationUs: summary.durationUs, attributes: {} };
    const inOrder = this.#spans.toSorted((a, b) => a.startUs - b.startUs);
    const phases = phasesOf(inOrder);
    const spanOf = (id: string, parentId: string, { name, startUs, endUs, attributes }: SpanRecord): Span => ({
      id, parentId, name, startUs: startUs - this.#start.startUs, durationUs: Math.max(0, endUs - startUs), attributes: attributes ?? {},
    });
    const opened = this.#groups.map((group, index) => spanOf(`group ${index + 1}`, root.id, group));
    const around = ({ startUs, endUs }: SpanRecord): Span | undefined => opened[this.#groups.findIndex((group) => group.startUs <= startUs && endUs <= group.endUs)];
    const groups = phases.map((phase) => spanOf(phase.name, root.id, phase));
    const leaves = inOrder.map((span, index) => spanOf(String(index + 1), phaseOf(span, phases)?.name ?? around(span)?.id ?? root.id, span));
    return {
      ...summary,
      prompt: this.#prompt,
      completion: this.#start.text ? this.#completion.join("\n\n") : null,
      reuse: this.#reuse,
      speculation: this.#speculation.drafted === 0 ? null : { ...this.#speculation },
      parameters: { ...this.parameters },
      engine: this.engine,
      template: this.#template,
      recording: this.records,
      ...(this.#start.text && this.body !== null && { body: this.body }),
      ...(this.branch && { branch: this.branch }),
      ...(this.#start.caller && { caller: this.#start.caller }),
      spans: [root, ...opened, ...groups, ...leaves],
    };
  }

  /** Null where nothing was recorded. */
  toRecording(): StoredRecording | null {
    const { records } = this;
    if (records === "off" || this.#recording.isEmpty) return null;
    return { recording: records, complete: this.#recording.complete, startUs: this.#start.startUs, cached: this.#reuse?.tokens ?? 0, bytes: this.#recording.toBytes() };
  }

  /** What there is so far; of one answer only, or of all. */
  toTokens(answer: number | undefined): TraceTokens {
    const { complete } = this.#recording;
    const facts = { id: this.id, recording: this.records, live: true, complete, startUs: this.#start.startUs, cached: this.#reuse?.tokens ?? 0 };
    return readRecording(facts, this.#recording.toBytes(), answer);
  }
}
