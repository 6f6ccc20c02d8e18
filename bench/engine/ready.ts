import { setTimeout as sleep } from "node:timers/promises";
import type { Target } from "../load/job.ts";

/**
 * Waits until the server has made one token. Health routes differ between servers and some answer while the model still loads;
 * a token is what everyone waits for in the end.
 */
export async function firstToken(target: Target, ended: Promise<never>, limitMs = 300_000): Promise<void> {
  const until = performance.now() + limitMs;
  for (;;) {
    const answer = await Promise.race([ask(target), ended]);
    if (answer === null) return;
    if (performance.now() > until) throw new Error(`${target.url} did not answer in ${limitMs / 1000} s: ${answer}`);
    await Promise.race([sleep(20), ended]);
  }
}

/** Null when it answered, else why not. */
async function ask({ url, token, model }: Target): Promise<string | null> {
  try {
    const response = await fetch(`${url}/v1/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ model, prompt: " a", max_tokens: 1, temperature: 0 }),
    });
    const text = await response.text();
    return response.ok ? null : `HTTP ${response.status} ${text.slice(0, 300)}`;
  } catch (error) {
    return String(error);
  }
}
