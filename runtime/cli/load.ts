import type { ModelStatus } from "../../protocol/api/inferno.ts";
import type { Client } from "../../protocol/client/index.ts";
import { InfernoError } from "../../protocol/errors.ts";
import { showLoadProgress } from "./load-progress.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Has the model loaded before anything is asked of it: the time to first token is then the model's own, and a long download is told as one.
 */
export async function ensureLoaded(client: Client, model: string, terminal: Terminal): Promise<ModelStatus> {
  const progress = showLoadProgress(client, model, terminal);
  try {
    for (;;) {
      const status = await client.call("loadModel", { body: { model } }, { signal: terminal.stopped }).catch(async (error: unknown) => {
        // Node's fetch waits 300 s for an answer and then says that nobody is there; a download may take longer than that.
        if (InfernoError.from(error).code === "daemon_unreachable" && (await isOnTheWay(client, model))) return null;
        throw error;
      });
      if (status !== null) return status;
    }
  } finally {
    progress.dispose();
  }
}

async function isOnTheWay(client: Client, model: string): Promise<boolean> {
  const { models } = await client.call("models");
  return models.some(({ name, state }) => name === model && (state === "downloading" || state === "loading"));
}
