import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The state folder that this environment asks for. Apart from `home.ts`, so that the command can ask before it loads anything else. */
export function homeFolder(env: NodeJS.ProcessEnv): string {
  const chosen = env["INFERNO_HOME"];
  return chosen === undefined || chosen === "" ? join(homedir(), ".inferno") : resolve(chosen);
}

/** Where V8 keeps what it compiled of our programs. */
export const compiledFolder = (home: string): string => join(home, "compiled");
