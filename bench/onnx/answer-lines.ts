import { createInterface } from "node:readline";

/** The other end of `startLineProcess`. Ends with its input. */
export async function answerLines<Question>(answer: (question: Question) => Promise<unknown>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const outcome = await answer(JSON.parse(line) as Question).then((value) => ({ answer: value }), (error: unknown) => ({ error: String(error) }));
    process.stdout.write(`${JSON.stringify(outcome)}\n`);
  }
}
