import type { ModelStatus } from "../../protocol/api/inferno.ts";
import { rate } from "../status/status-text.ts";
import type { Translate } from "../translate.ts";

export interface ItemText {
  readonly description: string;
  /** Markdown. */
  readonly tooltip: string;
  readonly icon: string;
  readonly color: string | undefined;
}

const icons = {
  unloaded: ["circle-outline", undefined],
  downloading: ["cloud-download", undefined],
  loading: ["loading~spin", undefined],
  ready: ["circle-filled", "testing.iconPassed"],
  failed: ["error", "testing.iconFailed"],
} as const satisfies Record<ModelStatus["state"], readonly [icon: string, color: string | undefined]>;

/** How a model looks in the Models view. */
export function modelText(model: ModelStatus, t: Translate): ItemText {
  const [icon, color] = icons[model.state];
  return { description: describe(model, t).join(" · "), tooltip: tooltip(model, t), icon, color };
}

function describe({ state, progress, info, running, queued, tokensPerSecond }: ModelStatus, t: Translate): string[] {
  const parts = [stateText(state, progress, t)];
  if (info !== null && state === "ready") parts.push(info.quantization);
  if (tokensPerSecond !== null) parts.push(t("{0} tokens/s", rate(tokensPerSecond)));
  if (running > 0) parts.push(t("{0} running", running));
  if (queued > 0) parts.push(t("{0} waiting", queued));
  return parts;
}

function stateText(state: ModelStatus["state"], progress: number | null, t: Translate): string {
  const share = progress === null ? "" : ` ${Math.round(progress * 100)} %`;
  switch (state) {
    case "unloaded": return t("not loaded");
    case "downloading": return t("downloading") + share;
    case "loading": return t("loading") + share;
    case "ready": return t("loaded");
    case "failed": return t("failed");
  }
}

function tooltip({ name, error, source, origin, info, rssBytes, context }: ModelStatus, t: Translate): string {
  const lines = [`**${escapeMarkdown(name)}**`];
  if (error !== null) lines.push(escapeMarkdown(`${error.message} ${error.hint}`));
  if (info !== null) {
    const millions = info.parameters / 1e6;
    lines.push(escapeMarkdown(`${info.name}, ${info.architecture}, ${millions < 10 ? millions.toFixed(1) : String(Math.round(millions))} M, ${info.quantization}`));
  }
  if (context !== null) lines.push(t("Context: {0} tokens", context));
  if (rssBytes !== null) lines.push(t("Memory: {0} MiB", Math.round(rssBytes / 1024 / 1024)));
  lines.push(t("Source: {0}", escapeMarkdown(source)), origin === "embedded" ? t("Embedded in Inferno") : t("Declared in {0}", escapeMarkdown(origin)));
  return lines.join("\n\n");
}

/** Names and paths come from files of others: they must not become links or images in a tooltip. */
export const escapeMarkdown = (text: string) => text.replaceAll(/[\\`*_{}[\]()#+\-!|<>~&]/g, String.raw`\$&`);
