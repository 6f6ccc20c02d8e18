/** VS Code commands. `contributes.commands`, menus and `package.nls.json` are generated from here. */
interface CommandRow {
  /** English title; the localisation key is `command.<name>`. */
  readonly title: string;
  readonly icon?: string;
  /** Where a button or menu entry for it appears. */
  readonly menus?: readonly { readonly menu: string; readonly when: string; readonly group: string }[];
  /** False for commands that need an argument and would do nothing from the palette. */
  readonly palette: boolean;
}

const modelItem = (state: string, group: string) => ({ menu: "view/item/context", when: `view == inferno.models && viewItem == ${state}`, group });

export const commandTable = {
  "inferno.start": { title: "Start Daemon", icon: "$(play)", palette: true },
  "inferno.stop": { title: "Stop Daemon", icon: "$(debug-stop)", palette: true },
  "inferno.restart": { title: "Restart Daemon", icon: "$(debug-restart)", palette: true },
  "inferno.newChat": {
    title: "New Chat", icon: "$(comment-discussion)", palette: true,
    menus: [{ menu: "view/title", when: "view == inferno.models", group: "navigation@1" }, modelItem("ready", "inline@1"), modelItem("unloaded", "inline@1")],
  },
  "inferno.openTrace": { title: "Open Trace…", icon: "$(list-flat)", palette: true },
  "inferno.showProfile": { title: "Show Profile of the Latest Request", icon: "$(flame)", palette: true, menus: [{ menu: "view/title", when: "view == inferno.traces", group: "navigation@1" }] },
  "inferno.profileOperations": { title: "Profile Operations…", icon: "$(graph)", palette: true, menus: [modelItem("ready", "profile@1"), modelItem("unloaded", "profile@1")] },
  "inferno.debugTrace": {
    title: "Debug This Request", icon: "$(debug-alt)", palette: false,
    menus: [{ menu: "view/item/context", when: "view == inferno.traces", group: "inline@1" }, { menu: "view/item/context", when: "view == inferno.traces", group: "debug@1" }],
  },
  "inferno.showTokens": { title: "Show Tokens", icon: "$(symbol-string)", palette: true, menus: [{ menu: "view/item/context", when: "view == inferno.traces", group: "inline@1" }] },
  "inferno.doctor": { title: "Run Doctor", icon: "$(pulse)", palette: true },
  "inferno.showLog": { title: "Show Log", icon: "$(output)", palette: true },
  "inferno.showActions": { title: "Show Actions", icon: "$(list-unordered)", palette: true },
  "inferno.refreshModels": { title: "Refresh Models", icon: "$(refresh)", palette: false, menus: [{ menu: "view/title", when: "view == inferno.models", group: "navigation@2" }] },
  "inferno.refreshTraces": { title: "Refresh Traces", icon: "$(refresh)", palette: false, menus: [{ menu: "view/title", when: "view == inferno.traces", group: "navigation@2" }] },
  "inferno.loadModel": { title: "Load Model", icon: "$(arrow-circle-up)", palette: false, menus: [modelItem("unloaded", "inline@2"), modelItem("failed", "inline@2")] },
  "inferno.unloadModel": { title: "Unload Model", icon: "$(eject)", palette: false, menus: [modelItem("ready", "inline@2")] },
} as const satisfies Record<string, CommandRow>;

export type CommandId = keyof typeof commandTable;
export const commandIds = Object.keys(commandTable) as CommandId[];

/** The views of the activity bar, by id. */
export const viewTable = {
  "inferno.models": { name: "Models" },
  "inferno.traces": { name: "Traces" },
} as const;
export type ViewId = keyof typeof viewTable;

export const languageId = "inferno";
export const languageModelVendor = "inferno";
