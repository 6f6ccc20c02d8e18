import { z } from "zod";

/** VS Code settings, without their `inferno.` prefix. `contributes.configuration` is generated from here. */
export const Settings = z.strictObject({
  "daemon.autoStart": z.boolean().default(true).meta({
    description: "Start the daemon when an `inferno.yaml` is opened or an Inferno view is shown. A daemon that runs already is used instead.",
  }),
  "daemon.home": z.string().default("").meta({
    description: "Folder for Inferno's state (token, traces, downloads). Empty: the environment's `INFERNO_HOME`, else `.inferno` in your home folder.", scope: "machine",
  }),
  "daemon.config": z.string().default("").meta({
    description: "Configuration file whose models to serve. Empty: `inferno.yaml` in the workspace folder. Only used in trusted workspaces.",
  }),
  "traces.limit": z.int().min(1).max(1000).default(50).meta({ description: "Traces shown in the Traces view." }),
});
export type Settings = z.infer<typeof Settings>;
export type SettingName = keyof Settings;
