import { OnnxProvider } from "../../../protocol/config.ts";
import { quietEngine, release } from "./options.ts";
import { walkProviders } from "./providers.ts";

// Entry of a process that asks onnxruntime for each execution provider: a driver that does not fit may end it, and nothing else.
// The result is the last line of stdout.
quietEngine();
process.stdout.write(`\n${JSON.stringify({ release: release(), providers: await walkProviders(OnnxProvider.options) })}\n`, () => process.exit(0));
