import { Argument, Command, Option } from "commander";
import { makeContext, type CommonOptions, type Context } from "./context.ts";
import { addTrace } from "./trace-program.ts";
import { count, list, number, pid, port, steps } from "./option-values.ts";
import type { FitOptions } from "./commands/fit.ts";
import type { QuantizeOptions } from "./commands/quantize.ts";
import type { InspectOptions } from "./commands/inspect.ts";
import type { AddOptions } from "./commands/models-add.ts";
import type { ProfileOptions } from "./commands/profile.ts";
import type { RunOptions } from "./commands/run.ts";
import type { ServeOptions } from "./commands/serve.ts";
import type { Sampling } from "./generate.ts";
import type { Terminal } from "./terminal.ts";

/** Receives the exit code of the command that ran. */
type OnExit = (code: number) => void;

/** Every command with its help. What a command does is loaded when it runs: `inferno --help` needs no server. */
export function makeProgram(terminal: Terminal, version: string, onExit: OnExit): Command {
  const program = new Command("inferno")
    .description("Run language models on this machine and see where an inference spends its time.")
    .version(version, "-V, --version", "Print the version.")
    .helpOption("-h, --help", "Show help.")
    .helpCommand("help [command]", "Show help for a command.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      // Only the help that a missing command prints; a wrong command line is reported where every other error is.
      writeErr: (text) => void terminal.stderr.write(text),
      outputError: () => undefined,
      // Help reads the same on every terminal, and golden tests hold it.
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
    });
  addCommon(program);

  const command = (parent: Command, name: string, about: string): Command => addCommon(parent.command(name).description(about));
  const act = <Options>(run: (context: Context, args: string[], options: Options) => Promise<number>) =>
    async function action(this: Command): Promise<void> {
      const options = this.optsWithGlobals<CommonOptions & Options>();
      onExit(await run(makeContext(terminal, options), this.args, options));
    };

  command(program, "serve", "Start the daemon, or say where it runs already.")
    .option("--config <file>", "Configuration; default: ./inferno.yaml, else inferno.yaml in the state folder.")
    .addOption(new Option("--port <n>", "Port; 0 takes any free one. Default: 11500.").argParser(port))
    .option("--host <address>", "Address to listen on. Default: 127.0.0.1.")
    .addOption(new Option("--owner <pid>", "End when this process and all attached ones have ended.").argParser(pid))
    .action(act<ServeOptions>(async (context, _, { config, port: at, host, owner }) =>
      (await import("./commands/serve.ts")).serve(context, { config, port: at, host, owner })));

  command(program, "run", "Answer a prompt, or talk when there is none.")
    .argument("<model>", "model name, such as ember")
    .argument("[prompt]", "prompt; read from stdin when absent and stdin is not a terminal")
    .option("--config <file>", "Configuration, when no daemon runs.")
    .option("--system <text>", "System message.")
    .addOption(new Option("--temperature <n>", "Randomness; 0 is greedy.").argParser(number))
    .addOption(new Option("--top-p <n>", "Nucleus sampling; 1 is off.").argParser(number))
    .addOption(new Option("--top-k <n>", "Keep the k most likely tokens; 0 is off.").argParser(count))
    .addOption(new Option("--min-p <n>", "Keep tokens with this share of the best one's probability; 0 is off.").argParser(number))
    .addOption(new Option("--seed <n>", "Same seed, prompt and settings: same tokens.").argParser(count))
    .addOption(new Option("--max-tokens <n>", "Most tokens of the answer.").argParser(count))
    .addOption(new Option("--stop <text>", "End the answer before this text; may be given again.").argParser(list))
    .action(act<RunFlags>(async (context, [model = "", prompt], flags) =>
      (await import("./commands/run.ts")).run(context, model, prompt, runOptions(flags))));

  command(program, "ps", "Show the daemon and its loaded models.")
    .action(act(async (context) => (await import("./commands/ps.ts")).ps(context)));

  addModels(command(program, "models", "List all models, loaded or not, or add one."), command, act);

  command(program, "inspect", "Show what is in an ONNX file: inputs, outputs, operators, weights.")
    .argument("<file>", "an ONNX file")
    .option("--optimized", "Compare it with what onnxruntime makes of it.")
    .addOption(new Option("--against <file>", "Compare it with another file, such as one that onnxruntime has written.").conflicts("optimized"))
    .action(act<InspectOptions>(async (context, [file = ""], { optimized, against }) => (await import("./commands/inspect.ts")).inspect(context, file, { optimized, against })));

  command(program, "fit", "Say whether a model would fit into the memory that is free now, without loading it.")
    .argument("<model>", "a GGUF or ONNX file, or the name of a configured model")
    .option("--config <file>", "Configuration with the model's settings.")
    .addOption(new Option("--task <task>", "What a GGUF file is for: embedding and rerank keep no tokens. Default: chat.").choices(["chat", "completion", "embedding", "rerank"]))
    .addOption(new Option("--context <n>", "Tokens of context per request.").argParser(count))
    .addOption(new Option("--parallel <n>", "Requests at once.").argParser(count))
    .option("--kv-type <type>", "Number format of the KV cache, such as q8_0.")
    .action(act<FitOptions>(async (context, [model = ""], { config, context: tokens, parallel, kvType, task }) =>
      (await import("./commands/fit.ts")).fit(context, model, { config, context: tokens, parallel, kvType, task })));

  command(program, "quantize", "Write an ONNX model in fewer bits or with fewer channels beside the original, and compare the two.")
    .argument("<model>", "an ONNX file")
    .option("--to <form>", "int8, int8-weights, int4, fp16, fp32 (the way back) or int8-static.")
    .option("--output <file>", "Where to write it. Default: beside the model, such as model.int8.onnx.")
    .option("--force", "Replace a file that is there.")
    .option("--keep <pattern>", "Leave nodes or weights of this name as they are; * stands for anything. May be given again.", list)
    .option("--only <pattern>", "Rewrite nothing else; may be given again.", list)
    .option("--calibrate <file>", "Inputs, one JSON object a line as for /api/v1/infer; without it they are made up.")
    .option("--range <method>", "int8-static: how ranges are taken from inputs: min-max, percentile or entropy.")
    .addOption(new Option("--block <n>", "int4: weights that share a scale. Default: 32.").argParser(count))
    .option("--asymmetric", "int4: with zero points.")
    .option("--no-balance", "int8: leave channels of inputs as uneven as they are.")
    .option("--reduce-range", "int8, int8-static: 7 bits for weights, for processors without VNNI instructions. Default: if this one has none.")
    .option("--no-reduce-range", "All 8 bits, for a file that will run on another processor.")
    .option("--whole-graph", "fp16: compute in half precision, too.")
    .addOption(new Option("--prune <ratio>", "First remove this share of each feed-forward network's channels.").argParser(number))
    .option("--size <name=n>", "Size of a free dimension of made-up inputs; may be given again.", list)
    .addOption(new Option("--length <n>", "Size of other free dimensions, such as tokens. Default: 64.").argParser(count))
    .addOption(new Option("--rounds <n>", "Rounds of the speed comparison. Default: 10.").argParser(count))
    .addOption(new Option("--threads <n>", "Threads of the comparison. Default: 1.").argParser(count))
    .action(act<QuantizeOptions>(async (context, [model = ""], options) => (await import("./commands/quantize.ts")).quantize(context, model, options)));

  command(program, "stop", "Unload a model, or stop the daemon.")
    .argument("[model]", "model to unload")
    .action(act(async (context, [model]) => (await import("./commands/stop.ts")).stop(context, model)));

  addTrace(program, command(program, "trace", "List, show, export and compare what requests left behind."), command, act);

  command(program, "profile", "Run one request and show where the engine's time goes, operation by operation.")
    .argument("<model>", "name of a GGUF model, such as ember")
    .argument("[prompt]", "prompt; read from stdin when absent")
    .option("--ops", "Operation by operation; there is no other kind of profile yet.")
    .addOption(new Option("--steps <a-b>", "Steps to record: step n computes the answer's token n, and 0 are the prompt's. Default: the second half.").argParser(steps))
    .addOption(new Option("--tokens <n>", "Most tokens of the answer. Default: 16, or as --steps needs.").argParser(count))
    .option("--config <file>", "Configuration, when no daemon runs.")
    .action(act<ProfileOptions>(async (context, [model = "", prompt], { config, steps: chosen, tokens }) =>
      (await import("./commands/profile.ts")).profile(context, model, prompt, { config, steps: chosen, tokens })));

  command(program, "doctor", "Check this machine and installation.")
    .action(act(async (context) => (await import("./commands/doctor.ts")).doctor(context)));

  program.command("lsp").description("Start the language server for inferno.yaml.")
    .option("--stdio", "Speak on stdin and stdout (always on; editors pass it).")
    .action(async () => onExit(await (await import("./lsp.ts")).lsp(import.meta.dirname)));

  command(program, "completion", "Print the completion script of a shell: `source <(inferno completion bash)`.")
    .addArgument(new Argument("<shell>", "bash, zsh or fish"))
    .action(act(async (context, [shell = ""]) => (await import("./commands/completion.ts")).completionScript(context, shell)));
  program.command("complete", { hidden: true }).argument("[words...]")
    .action(async (words: string[]) => onExit(await (await import("./commands/completion.ts")).complete(makeContext(terminal, {}), program, words)));

  addGpu(command(program, "gpu", "Install, list or remove GPU libraries."), command, act);
  return program;
}

export type MakeCommand = (parent: Command, name: string, about: string) => Command;
export type Act = <Options>(run: (context: Context, args: string[], options: Options) => Promise<number>) => (this: Command) => Promise<void>;

function addModels(models: Command, command: MakeCommand, act: Act): void {
  models.option("--config <file>", "Configuration, when no daemon runs.")
    .action(act<{ config?: string }>(async (context, _, { config }) => (await import("./commands/models.ts")).models(context, { config })));
  command(models, "add", "Say what an ONNX model is for, in a manifest beside it, and add it to the configuration.")
    .argument("<file>", "an ONNX or GGUF file, or a folder with one")
    .option("--config <file>", "Configuration to add it to. Default: the one that `inferno serve` would take.")
    .option("--task <task>", "What the model is for; chosen by its graph when absent.")
    .option("--name <name>", "The name that requests use. Default: the folder's.")
    .option("--yes", "Take what is likeliest, without a question.")
    .option("--force", "Write over a manifest that is there.")
    .action(act<AddOptions>(async (context, [file = ""], { config, task, name, yes, force }) =>
      (await import("./commands/models-add.ts")).addModelFile(context, file, { config, task, name, yes, force })));
}

function addGpu(gpu: Command, command: MakeCommand, act: Act): void {
  command(gpu, "install", "Fetch a GPU library from your npm registry, checked and after consent.")
    .addArgument(new Argument("<kind>", "cuda or vulkan"))
    .option("--yes", "Agree to the download.")
    .action(act<{ yes?: boolean }>(async (context, [kind = ""], { yes }) => (await import("./commands/gpu.ts")).gpuInstall(context, kind, { yes })));
  command(gpu, "list", "List the installed GPU libraries.")
    .action(act(async (context) => (await import("./commands/gpu.ts")).gpuList(context)));
  command(gpu, "remove", "Remove GPU libraries.")
    .argument("[kind]", "cuda or vulkan; both when absent")
    .action(act(async (context, [kind]) => (await import("./commands/gpu.ts")).gpuRemove(context, kind)));
}

/** Before or after the command's name, as one likes. */
function addCommon(command: Command): Command {
  return command
    .option("--json", "Answer with one JSON line on stdout, errors too.")
    .option("--home <dir>", "State folder. Default: INFERNO_HOME, else ~/.inferno.");
}

interface RunFlags {
  readonly config?: string;
  readonly system?: string;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly minP?: number;
  readonly seed?: number;
  readonly maxTokens?: number;
  readonly stop?: string[];
}

function runOptions({ config, system, temperature, topP, topK, minP, seed, maxTokens, stop }: RunFlags): RunOptions {
  const sampling: Sampling = { temperature, top_p: topP, top_k: topK, min_p: minP, seed, max_tokens: maxTokens, stop };
  return { config, system, sampling };
}
