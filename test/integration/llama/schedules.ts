import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import type { GenerateRequest, GenerationEvent } from "../../../runtime/host/messages.ts";
import type { RealHost } from "./real-host.ts";

/** A request of a random schedule: what is asked, and how it is interrupted. */
export interface Ask {
  readonly system: number;
  readonly question: number;
  readonly maxTokens: number;
  readonly choices: number;
  readonly priority: number;
  /** Turns of the event loop before it is sent, and after which it is cancelled or paused for some turns. */
  readonly delay: number;
  readonly cancelAfter: number | null;
  readonly pauseAfter: number | null;
}

export const asking = ({ systems, questions }: { readonly systems: number; readonly questions: number }): fc.Arbitrary<Ask[]> => fc.array(fc.record<Ask>({
  system: fc.nat(systems - 1),
  question: fc.nat(questions - 1),
  maxTokens: fc.integer({ min: 1, max: 70 }),
  choices: fc.constantFrom(1, 1, 1, 2),
  priority: fc.integer({ min: -1, max: 1 }),
  delay: fc.nat(25),
  cancelAfter: fc.option(fc.nat(30), { freq: 5 }),
  pauseAfter: fc.option(fc.nat(10), { freq: 5 }),
}), { minLength: 8, maxLength: 40, size: "max" });

/** Sends and interrupts all of them. */
export async function sendAll(real: RealHost, asks: readonly Ask[], requestOf: (ask: Ask, index: number) => Partial<GenerateRequest> & { readonly id: string }): Promise<void> {
  const { host } = real;
  await Promise.all(asks.map(async (it, index) => {
    const request = requestOf(it, index);
    const turns = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i += 1) await turn();
    };
    await turns(it.delay);
    real.ask(request.id, { ...request, maxTokens: it.maxTokens, choices: it.choices, priority: it.priority });
    if (it.pauseAfter !== null) {
      await turns(it.pauseAfter);
      host.pause(request.id);
      await turns(5);
      host.resume(request.id);
    }
    if (it.cancelAfter === null) return;
    await turns(it.cancelAfter);
    host.cancel(request.id);
  }));
  await real.settled();
}

/** What the schedules made happen: a property over schedules in which nothing is shared or swapped would say nothing. */
export function tally(events: readonly GenerationEvent[], seen: Map<string, number>): void {
  const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
  for (const event of events) {
    if (event.type === "start" && event.reuse.tokens > 0) count(event.reuse.source);
    if (event.type === "finish" && event.speculation.accepted > 0) count("guessed");
    if (event.type === "failed") count("cancelled");
    if (event.spans.some(({ name }) => name === "swap")) count("swapped");
  }
}
