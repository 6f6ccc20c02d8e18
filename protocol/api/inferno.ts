import { z } from "zod";
import { ModelInfo, ModelMemory, ModelTask } from "../model.ts";
import { exportFormats } from "../trace-convert/format-names.ts";
import { TraceSummary } from "../trace.ts";

/** Bodies of Inferno's own routes, under /api/v1. */

export const ModelState = z.enum(["unloaded", "downloading", "loading", "ready", "failed"]);

export const ModelStatus = z.object({
  name: z.string().meta({ description: "The name that requests use." }),
  task: ModelTask,
  source: z.string().meta({ description: "As configured, resolved to an absolute path where it is a file." }),
  origin: z.string().meta({ description: "The configuration file that declares it, or `embedded`." }),
  state: ModelState,
  progress: z.number().nullable().meta({ description: "0 to 1 while downloading or loading." }),
  pid: z.int().nullable().meta({ description: "Process id of its model host." }),
  rssBytes: z.number().nullable().meta({ description: "Resident memory of its model host, in bytes." }),
  running: z.int().meta({ description: "Requests in work." }),
  queued: z.int().meta({ description: "Requests waiting." }),
  tokensPerSecond: z.number().nullable().meta({ description: "Decode rate of the last answer." }),
  context: z.int().nullable().meta({ description: "Tokens of context per request, once loaded." }),
  memory: ModelMemory.nullable().meta({ description: "What it takes of the machine's memory, once loaded; null for engines that do not say." }),
  info: ModelInfo.nullable().meta({ description: "What the loaded file says of itself." }),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }).nullable().meta({ description: "Why the last load failed." }),
}).meta({ id: "ModelStatus" });
export type ModelStatus = z.infer<typeof ModelStatus>;

export const ModelList = z.object({ models: z.array(ModelStatus) }).meta({ id: "ModelList" });
export const ModelName = z.object({ model: z.string().min(1).meta({ description: "Model name." }) });

export const TraceList = z.object({ traces: z.array(TraceSummary) }).meta({ id: "TraceList" });
export const TraceQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(50).meta({ description: "Most traces to return, newest first." }),
});
export const TraceId = z.object({ id: z.string().min(1).max(100).meta({ description: "Trace id." }) });
const redactQuery = z.enum(["true", "false"]).default("false").meta({ description: "`true` keeps times and counts and drops every text: prompt, answer, tokens, names of models and files." });
export const TraceFileQuery = z.object({ redact: redactQuery });
export const TraceExportQuery = z.object({ format: z.enum(exportFormats).meta({ description: "The format to export to; docs/reference/trace-format.md says what each can carry." }), redact: redactQuery });

export const Health = z.object({
  status: z.enum(["ok", "stopping"]),
  version: z.string(),
  pid: z.int(),
  uptimeSeconds: z.number(),
}).meta({ id: "Health" });

export const AttachRequest = z.object({
  pid: z.int().min(1).meta({ description: "Process that uses the daemon. A daemon that an editor started ends when no attached process lives any more." }),
  config: z.string().optional().meta({ description: "Absolute path of an inferno.yaml whose models to serve; attaching it again reads it anew." }),
}).meta({ id: "AttachRequest" });
export const AttachResponse = z.object({ models: z.array(z.string()).meta({ description: "Names of all models now served." }) });
export const StopResponse = z.object({ pid: z.int() });
