/** `npm run demo`: a daemon of its own, one streamed answer from the embedded model, and where to go from there. */
import { startDaemon } from "./daemon.ts";

const question = "What is 17 + 25?";

const daemon = await startDaemon("models: {}\n");
try {
  console.log("Inferno's daemon runs, with the embedded model Ember (2.6 million parameters, CPU).\n");
  console.log(`you    ${question}`);
  process.stdout.write("ember  ");
  const body = { model: "ember", messages: [{ role: "user" as const, content: question }], temperature: 0, stream: true, stream_options: { include_usage: true } };
  let summary = "";
  for await (const chunk of daemon.client.stream("chatCompletions", { body })) {
    process.stdout.write(chunk.choices[0]?.delta.content ?? "");
    const { timings, usage } = chunk;
    if (timings === undefined) continue;
    const rate = timings.tokens_per_second === null ? "" : `, ${timings.tokens_per_second.toFixed(0)} tokens/s`;
    summary = `first token after ${timings.ttft_ms.toFixed(0)} ms${rate}, ${usage?.completion_tokens ?? "?"} tokens`;
  }
  console.log(`\n       ${summary}\n`);
  console.log("In VS Code:  npm run package, then \"Extensions: Install from VSIX...\" with the .vsix file it names;");
  console.log("             open a folder with an inferno.yaml, and run \"Inferno: New Chat\" from the palette.");
  console.log(`In a shell:  npx inferno run ember "${question}"`);
} finally {
  await daemon.stop();
}
