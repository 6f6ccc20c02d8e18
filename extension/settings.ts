import * as vscode from "vscode";
import { Settings, type SettingName } from "../protocol/settings.ts";

/** A setting's value. What a person wrote by hand may have any type: then the default counts. */
export function setting<N extends SettingName>(name: N): Settings[N] {
  const schema = Settings.shape[name];
  const parsed = schema.safeParse(vscode.workspace.getConfiguration("inferno").get(name));
  // The schema's output for this name is this type; zod's own types lose that behind an index.
  return (parsed.success ? parsed.data : schema.parse(undefined)) as Settings[N];
}
