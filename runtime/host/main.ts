import { flushCompileCache } from "node:module";
import { systemClock } from "../../base/system-clock.ts";
import { ipcChannel } from "./channel.ts";
import { forecastLoad, importEmbedder, importEngine, importInspector, importTaskEngine } from "./engines.ts";
import type { FromHost, ToHost } from "./messages.ts";
import { serveModel } from "./serve-model.ts";

// Entry of the process that holds one model: the gateway forks it. What is thrown here and not caught goes to stderr and ends
// the process with a code that is not 0, as Node does by itself; the gateway turns that into `model_host_crashed`.
if (!process.send) {
  console.error("This program is started by `inferno serve`, which speaks to it over an IPC channel.");
  process.exit(2);
}
// Ctrl-C in a terminal reaches the whole process group; the gateway ends its children itself, when their requests are done.
process.on("SIGINT", () => {});

await serveModel({
  channel: ipcChannel<FromHost, ToHost>(process),
  clock: systemClock,
  now: () => new Date(),
  importEngine,
  importEmbedder,
  importTaskEngine,
  forecastLoad,
  importInspector,
  rssBytes: () => process.memoryUsage.rss(),
  // A host is often ended without notice, and what V8 compiled would be lost to the next one.
  onLoaded: flushCompileCache,
});
// Engines keep threads of their own, which must not keep a process alive whose gateway is gone.
process.exit(0);
