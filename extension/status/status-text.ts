import type { ModelStatus } from "../../protocol/api/inferno.ts";
import type { DaemonState } from "../daemon/state.ts";
import type { Translate } from "../translate.ts";

export interface StatusInput {
  readonly state: DaemonState;
  readonly models: readonly ModelStatus[];
  readonly trusted: boolean;
  readonly t: Translate;
}

export interface StatusView {
  /** With codicons, as the status bar shows it. */
  readonly text: string;
  /** Without codicons, for screen readers. */
  readonly label: string;
  readonly tooltip: string;
  readonly severity: "none" | "warning" | "error";
}

/** What the status bar says: the daemon's state, the model in memory, and its speed. */
export function statusView({ state, models, trusted, t }: StatusInput): StatusView {
  const { icon, label, detail, severity } = describe(state, models, t);
  const lines = [detail, ...(trusted ? [] : [t("This workspace is not trusted: its configuration and model paths are not used.")])];
  return { text: `$(${icon}) ${label}`, label, tooltip: lines.join("\n\n"), severity };
}

interface Description {
  readonly icon: string;
  readonly label: string;
  readonly detail: string;
  readonly severity: StatusView["severity"];
}

function describe(state: DaemonState, models: readonly ModelStatus[], t: Translate): Description {
  switch (state.kind) {
    case "stopped":
      return { icon: "flame", label: t("Inferno: off"), detail: t("The Inferno daemon is not running."), severity: "none" };
    case "starting":
      return { icon: "sync~spin", label: t("Inferno: starting"), detail: t("The Inferno daemon is starting."), severity: "none" };
    case "stopping":
      return { icon: "sync~spin", label: t("Inferno: stopping"), detail: t("The Inferno daemon finishes its work and ends."), severity: "none" };
    case "waiting": {
      const detail = t("{0} Next attempt after {1} s.", state.error.message, state.delayMs / 1000);
      return { icon: "warning", label: t("Inferno: restarting"), detail, severity: "warning" };
    }
    case "failed":
      return { icon: "error", label: t("Inferno: failed"), detail: `${state.error.message} ${state.error.hint}`, severity: "error" };
    case "running":
      return { icon: busy(models) ? "loading~spin" : "flame", label: runningLabel(models, t), detail: runningDetail(state.address.url, models, t), severity: "none" };
  }
}

const busy = (models: readonly ModelStatus[]) => models.some(({ state, running }) => running > 0 || state === "loading" || state === "downloading");

function runningLabel(models: readonly ModelStatus[], t: Translate): string {
  const loading = models.find(({ state }) => state === "loading" || state === "downloading");
  if (loading !== undefined) return t("Inferno: loading {0}", loading.name);
  const ready = models.filter(({ state }) => state === "ready");
  const shown = ready.find(({ running }) => running > 0) ?? ready.find(({ tokensPerSecond }) => tokensPerSecond !== null) ?? ready[0];
  if (shown === undefined) return t("Inferno");
  const more = ready.length > 1 ? ` +${ready.length - 1}` : "";
  return shown.tokensPerSecond === null ? `${shown.name}${more}` : `${shown.name}${more}, ${t("{0} tokens/s", rate(shown.tokensPerSecond))}`;
}

function runningDetail(url: string, models: readonly ModelStatus[], t: Translate): string {
  const ready = models.filter(({ state }) => state === "ready").map(({ name }) => name);
  const loaded = ready.length === 0 ? t("No model is loaded.") : t("Loaded: {0}.", ready.join(", "));
  return `${t("The Inferno daemon runs at {0}.", url)} ${loaded}`;
}

/** One decimal below 10; more digits would claim a precision that one answer does not have. */
export const rate = (tokensPerSecond: number) => (tokensPerSecond < 10 ? tokensPerSecond.toFixed(1) : String(Math.round(tokensPerSecond)));
