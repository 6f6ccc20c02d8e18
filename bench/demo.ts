/** `npm run demo`: a daemon of its own, one streamed answer from the embedded model, and where to go from there. */
import type { Timings } from "../protocol/api/openai.ts";
import { startDaemon } from "./daemon.ts";

const question = "What is 17 + 25?";

function summary(timings: Timings | undefined, tokens: number): string {
  if (timings === undefined) return "(the daemon sent no timings)";
  const { ttft_ms: ttft, tokens_per_second: rate } = timings;
  const speed = rate === null ? "" : `${rate.toFixed(0)} tokens/s, `;
  return `${speed}first token after ${ttft.toFixed(0)} ms, ${tokens} tokens`;
}

const daemon = await startDaemon("models: {}\n");
try {
  console.log("Inferno's daemon runs, with the embedded model Ember (2.6 million parameters, CPU).\n");
  await daemon.client.call("loadModel", { body: { model: "ember" } });
  console.log(`you    ${question}`);
  process.stdout.write("ember  ");
  const body = { model: "ember", messages: [{ role: "user" as const, content: question }], temperature: 0, stream: true, stream_options: { include_usage: true } };
  let timings: Timings | undefined;
  let tokens = 0;
  for await (const chunk of daemon.client.stream("chatCompletions", { body })) {
    process.stdout.write(chunk.choices[0]?.delta.content ?? "");
    timings = chunk.timings ?? timings;
    tokens = chunk.usage?.completion_tokens ?? tokens;
  }
  console.log(`\n       ${summary(timings, tokens)}\n`);
  console.log("In VS Code:  npm run package && code --install-extension dist/inferno.vsix");
  console.log("             then open a folder with an inferno.yaml and run \"Inferno: New Chat\" from the palette.");
  console.log(`In a shell:  npx inferno run ember "${question}"`);
} finally {
  await daemon.stop();
}
