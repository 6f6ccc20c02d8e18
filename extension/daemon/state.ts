import type { InfernoError } from "../../protocol/errors.ts";

/** How to reach a daemon. */
export interface DaemonAddress {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
}

/** Where the daemon is in its life, as this window knows it. */
export type DaemonState =
  /** Not started yet, or stopped on purpose: only a person's wish starts it. */
  | { readonly kind: "stopped" }
  | { readonly kind: "starting" }
  | { readonly kind: "running"; readonly address: DaemonAddress }
  | { readonly kind: "stopping" }
  /** It died or did not start; the next attempt comes after a pause. */
  | { readonly kind: "waiting"; readonly delayMs: number; readonly error: InfernoError }
  /** Given up. */
  | { readonly kind: "failed"; readonly error: InfernoError };

const delaysMs = [500, 1000, 2000, 4000, 8000];

/** The pause after this many failures in a row; null when it is time to give up. */
export function retryDelayMs(failures: number): number | null {
  return delaysMs[failures - 1] ?? null;
}

/** A daemon that ran this long was healthy: its end is a new story, not the continuation of earlier failures. */
export const healthyAfterMs = 60_000;
