import type { Command } from "commander";
import { Config, embeddedModel } from "../../../protocol/config.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import { loadConfig } from "../../config/load.ts";
import { gpuKinds } from "../../gpu/packages.ts";
import { findClient } from "../connect.ts";
import { chooseConfig, printLines, success, type Context } from "../context.ts";

/** What a shell has to be told; each asks `inferno complete` for the words, so that model names are those of now. */
const scripts = {
  bash: [
    "_inferno() {",
    "  local IFS=$'\\n'",
    '  COMPREPLY=($(compgen -W "$(inferno complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))',
    "}",
    "complete -o default -F _inferno inferno",
  ],
  zsh: [
    "#compdef inferno",
    "_inferno() {",
    '  local -a found=("${(@f)$(inferno complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")',
    "  (( ${#found[1]} )) && compadd -a found || _files",
    "}",
    "compdef _inferno inferno",
  ],
  fish: ["complete -c inferno -a '(inferno complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'"],
};
export const shells = Object.keys(scripts);
const isShell = (name: string): name is keyof typeof scripts => Object.hasOwn(scripts, name);

/** Prints the script that a shell's start-up file evaluates. */
export function completionScript(context: Context, shell: string): number {
  if (!isShell(shell)) throw new InfernoError("usage", `There is no completion for "${shell}".`, { hint: `Choose one of: ${shells.join(", ")}.` });
  printLines(context, scripts[shell]);
  return success;
}

/** Prints the words that may stand where the last of these is being typed, one a line. */
export async function complete(context: Context, program: Command, words: readonly string[]): Promise<number> {
  const found = await candidates(program, words, async () => await modelNames(context));
  printLines(context, found.filter((word) => word.startsWith(words.at(-1) ?? "")).sort());
  return success;
}

export async function candidates(program: Command, words: readonly string[], models: () => Promise<string[]>): Promise<string[]> {
  let command = program;
  let positionals = 0;
  let valueExpected = false;
  for (const word of words.slice(0, -1)) {
    const option = command.options.find((each) => each.long === word || each.short === word);
    const next = command.commands.find((each) => each.name() === word);
    if (valueExpected) valueExpected = false;
    else if (option !== undefined) valueExpected = option.required;
    else if (next !== undefined && positionals === 0) command = next;
    else if (!word.startsWith("-")) positionals += 1;
  }
  // Files are the shell's own business.
  if (valueExpected) return [];
  if (words.at(-1)?.startsWith("-") === true) return command.createHelp().visibleOptions(command).flatMap(({ long }) => long ?? []);
  if (command.commands.length > 0) return command.createHelp().visibleCommands(command).map((each) => each.name());
  switch (command.registeredArguments[positionals]?.name()) {
    case "model":
      return await models();
    case "kind":
      return [...gpuKinds];
    case "shell":
      return shells;
    default:
      return [];
  }
}

/** From the running daemon, else from the configuration: starting a daemon for a press of the tab key would be too much. */
async function modelNames(context: Context): Promise<string[]> {
  const client = await findClient(context);
  if (client !== null) return (await client.call("models")).models.map(({ name }) => name);
  const file = chooseConfig(context, undefined);
  const { models } = file === undefined ? Config.parse({}) : (await loadConfig(file)).config;
  return [embeddedModel, ...Object.keys(models)];
}
