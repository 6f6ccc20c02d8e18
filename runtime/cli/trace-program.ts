import { Option, type Command } from "commander";
import { exportFormats, type ExportFormat } from "../../protocol/trace-convert/format-names.ts";
import { TraceStatus, type TraceSummary } from "../../protocol/trace.ts";
import { count, number } from "./option-values.ts";
import type { Act, MakeCommand } from "./program.ts";

const whichTrace = "trace id, `latest`, or a file: .inferno-trace, Chrome trace JSON, speedscope, .cpuprofile or OTLP JSON";
const allSpans = "Print every span; without it many of one name are one line.";

interface ListFlags {
  readonly limit?: number;
  readonly model?: string;
  readonly status?: TraceSummary["status"];
  readonly minDuration?: number;
}

interface ExportFlags {
  readonly format?: ExportFormat | "inferno";
  readonly out?: string;
  readonly redact?: boolean;
  readonly force?: boolean;
}

export function addTrace(program: Command, trace: Command, command: MakeCommand, act: Act): void {
  command(trace, "ls", "List the latest requests.")
    .addOption(new Option("--limit <n>", "Most traces to list. Default: 20.").argParser(count))
    .option("--model <name>", "Only those of this model.")
    .addOption(new Option("--status <status>", "Only those that ended so.").choices(TraceStatus.options))
    .addOption(new Option("--min-duration <ms>", "Only those that took this many milliseconds or more.").argParser(number))
    .action(act<ListFlags>(async (context, _, { limit, model, status, minDuration }) =>
      (await import("./commands/traces.ts")).listTraces(context, { limit, model, status, minDuration })));

  command(trace, "show", "Show a trace as a tree.")
    .argument("<trace>", whichTrace)
    .option("--all", allSpans)
    .action(act<{ all?: boolean }>(async (context, [asked = ""], { all }) => (await import("./commands/trace-show.ts")).showTrace(context, asked, { all })));

  command(trace, "export", "Write a trace to a file, to keep it, to send it, or for another program.")
    .argument("<trace>", whichTrace)
    .addOption(new Option("--format <format>", "Default: inferno, which keeps everything.").choices(["inferno", ...exportFormats]))
    .option("--out <file>", "Where to write it. Default: in this folder, by the trace's name.")
    .option("--redact", "Keep times and counts and drop every text, for sending it to strangers.")
    .option("--force", "Replace a file that is there.")
    .action(act<ExportFlags>(async (context, [asked = ""], { format, out, redact, force }) =>
      (await import("./commands/trace-export.ts")).exportTrace(context, asked, { format, out, redact, force })));

  command(trace, "diff", "Compare two traces stage by stage.")
    .argument("<before>", whichTrace)
    .argument("<after>", "the other one")
    .action(act(async (context, [before = "", after = ""]) => (await import("./commands/trace-stages.ts")).diffTraces(context, before, after)));

  command(trace, "top", "List a trace's spans by the time that they took themselves.")
    .argument("<trace>", whichTrace)
    .addOption(new Option("--limit <n>", "Most names to list. Default: 20.").argParser(count))
    .action(act<{ limit?: number }>(async (context, [asked = ""], { limit }) => (await import("./commands/trace-stages.ts")).topOfTrace(context, asked, { limit })));

  // The name that these had before; scripts have it.
  const before = program.command("traces", { hidden: true }).description("Same as `inferno trace ls`, and with an id `inferno trace show`.");
  before.argument("[id]", whichTrace).option("--json").option("--home <dir>")
    .addOption(new Option("--limit <n>").argParser(count)).option("--all")
    .action(act<{ limit?: number; all?: boolean }>(async (context, [id], { limit, all }) => (id === undefined
      ? await (await import("./commands/traces.ts")).listTraces(context, { limit })
      : await (await import("./commands/trace-show.ts")).showTrace(context, id, { all }))));
}
