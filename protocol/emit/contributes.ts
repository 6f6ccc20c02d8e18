import { z } from "zod";
import { commandIds, commandTable, languageId, languageModelVendor, viewTable } from "../commands.ts";
import { traceEditors } from "../editors.ts";
import { debuggers, debuggerTexts, tokenLanguage } from "./debugger.ts";
import { manifestName } from "../manifest.ts";
import { Settings } from "../settings.ts";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
interface Menu { readonly menu: string; readonly when: string; readonly group: string }

/** What the extension adds to VS Code. Texts are keys of package.nls.json, which `nls` fills. */
export function contributes(): Record<string, Json> {
  return {
    languages: [{
      id: languageId, aliases: ["Inferno configuration"], filenames: ["inferno.yaml", "inferno.yml", manifestName], extensions: [".inferno.yaml", ".inferno.yml"],
      configuration: "./extension/language-configuration.json",
    }, tokenLanguage],
    grammars: [{ language: languageId, scopeName: "source.inferno", path: "./extension/inferno.tmLanguage.json" }],
    commands: commandIds.map((id) => ({
      command: id, title: `%command.${id}%`, category: "Inferno",
      ...("icon" in commandTable[id] ? { icon: commandTable[id].icon } : {}),
    })),
    menus: menus(),
    viewsContainers: { activitybar: [{ id: "inferno", title: "Inferno", icon: "extension/media/inferno.svg" }] },
    views: { inferno: Object.keys(viewTable).map((id) => ({ id, name: `%view.${id}%` })) },
    viewsWelcome: Object.keys(welcome).map((view) => ({ view, contents: `%welcome.${view}%` })),
    customEditors: Object.entries(traceEditors).map(([viewType, { patterns, priority }]) => ({
      viewType, displayName: `%editor.${viewType}%`, selector: patterns.map((filenamePattern) => ({ filenamePattern })), priority,
    })),
    debuggers: debuggers(),
    breakpoints: [{ language: tokenLanguage.id }],
    // Tokens are counted from 0: numbers of lines beside theirs would only confuse.
    configurationDefaults: { [`[${tokenLanguage.id}]`]: { "editor.lineNumbers": "off", "editor.minimap.enabled": false, "editor.wordWrap": "off" } },
    configuration: { title: "Inferno", properties: settings() },
    languageModelChatProviders: [{ vendor: languageModelVendor, displayName: "Inferno" }],
  };
}

/** The English texts behind the keys above. */
export function nls(): Record<string, string> {
  return {
    "extension.description": "Run models locally and see where the time went: a daemon with an OpenAI-compatible API, flame graphs of every request, and IntelliSense for inferno.yaml. GGUF models through llama.cpp, ONNX models through onnxruntime.",
    "trust.description": "Models, configuration files and paths of the workspace are not used until it is trusted. The embedded model works.",
    ...Object.fromEntries(commandIds.map((id) => [`command.${id}`, commandTable[id].title])),
    ...Object.fromEntries(Object.entries(viewTable).map(([id, { name }]) => [`view.${id}`, name])),
    ...Object.fromEntries(Object.entries(traceEditors).map(([id, { title }]) => [`editor.${id}`, title])),
    ...Object.fromEntries(Object.entries(welcome).map(([id, text]) => [`welcome.${id}`, text])),
    ...debuggerTexts(),
    ...Object.fromEntries(Object.entries(Settings.shape).map(([name, schema]) => [`setting.inferno.${name}`, schema.meta()?.description ?? ""])),
  };
}

const welcome = {
  "inferno.models": "The Inferno daemon is not running.\n[Start Daemon](command:inferno.start)\n[Show Log](command:inferno.showLog)",
  "inferno.traces": "No requests yet. Each request becomes a trace that shows where its time went.\n[New Chat](command:inferno.newChat)",
};

function menus(): Record<string, Json> {
  const result: Record<string, Json[]> = {};
  const add = (menu: string, entry: Json) => (result[menu] ??= []).push(entry);
  for (const id of commandIds) {
    const row = commandTable[id];
    const placed: readonly Menu[] = "menus" in row ? row.menus : [];
    for (const { menu, when, group } of placed) add(menu, { command: id, when, group });
    if (!row.palette) add("commandPalette", { command: id, when: "false" });
  }
  return result;
}

function settings(): Record<string, Json> {
  const schema = z.toJSONSchema(Settings, { target: "draft-7", io: "input" });
  return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, property]) => {
    // zod writes the integers' safe range, which only clutters VS Code's settings editor.
    const { description: _, ...rest } = JSON.parse(JSON.stringify(property)) as Record<string, Json>;
    return [`inferno.${name}`, { ...rest, markdownDescription: `%setting.inferno.${name}%` }];
  }));
}
