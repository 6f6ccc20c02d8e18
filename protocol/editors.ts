/** VS Code's custom editors, by id. `contributes.customEditors` is generated from here. */
interface EditorRow {
  /** English title; the localisation key is `editor.<id>`. */
  readonly title: string;
  readonly patterns: readonly string[];
  /** `default` opens these files by itself; `option` is offered by "Reopen Editor With…". */
  readonly priority: "default" | "option";
}

export const traceEditors = {
  "inferno.traceFile": { title: "Flame", patterns: ["*.inferno-trace"], priority: "default" },
  "inferno.foreignTrace": { title: "Flame (Inferno)", patterns: ["*.cpuprofile", "*.speedscope.json", "*.trace.json"], priority: "option" },
} as const satisfies Record<string, EditorRow>;
