import { join } from "node:path";
import { InfernoError } from "../../../protocol/errors.ts";
import { alone } from "./download-lock.ts";

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** A server with Hugging Face's layout of addresses, instead of theirs. */
  readonly endpoint?: string | undefined;
  /** Milliseconds without any byte after which the download is given up. */
  readonly patienceMs?: number | undefined;
}

export interface DownloadProgress {
  readonly downloadedBytes: number;
  readonly totalBytes: number;
}

const huggingFace = "https://huggingface.co/";

/**
 * Fetches `hf:user/model:quant`, `hf:user/model/file.gguf` or an http(s) address into `folder`, unless it is there, and returns the path
 * of the (first) file. Asks nothing and prints nothing; an aborted download leaves no model file.
 */
export async function downloadModel(uri: string, folder: string, options: DownloadOptions = {}): Promise<string> {
  const { signal, onProgress, endpoint = huggingFace, patienceMs = 60_000 } = options;
  const patience = new Patience(patienceMs);
  const ended = AbortSignal.any([patience.signal, ...(signal ? [signal] : [])]);
  const download = async (): Promise<string> => {
    // Loaded late: it takes half a second, and most model hosts download nothing. A bundle would load an import at the top at every start.
    const { resolveModelFile } = await import("node-llama-cpp");
    const settings = { directory: folder, cli: false, signal: ended, endpoints: { huggingFace: endpoint } };
    const present = await resolveModelFile(uri, { ...settings, download: false }).catch(() => undefined);
    if (present !== undefined) return present;
    await reach(uri, endpoint, ended);
    const waiting = (): void => {
      ended.throwIfAborted();
      patience.renew();
    };
    // Whoever had to wait finds the file there.
    return alone(join(folder, `${repositoryOf(uri)}.lock`), waiting, () => resolveModelFile(uri, {
      ...settings,
      onProgress: ({ totalSize, downloadedSize }) => {
        patience.renew();
        onProgress?.({ downloadedBytes: downloadedSize, totalBytes: totalSize });
      },
    }));
  };
  try {
    const path = await Promise.race([download(), rejectWhenAborted(ended)]);
    // node-llama-cpp returns the path of an aborted download as if it had been completed.
    ended.throwIfAborted();
    return path;
  } catch (cause) {
    if (signal?.aborted === true) throw new InfernoError("request_cancelled", `The download of ${uri} was cancelled.`, { cause });
    throw new InfernoError("model_download_failed", `${uri} could not be downloaded to ${folder}: ${reasonOf(cause)}.`, { cause });
  } finally {
    patience.end();
  }
}

/** As a file's name. One file can be named in several ways, but not in two repositories. */
const repositoryOf = (uri: string): string => (/^hf:[^/]*\/[^/:]*/.exec(uri)?.[0] ?? uri).replaceAll(/\W+/g, "_").slice(0, 100);

/** The downloader repeats failed connections 150 times, for many minutes; a server that is not there is found out first. */
async function reach(uri: string, endpoint: string, signal: AbortSignal): Promise<void> {
  const { origin } = new URL(/^https?:/.test(uri) ? uri : endpoint);
  // Any answer will do, an error status too.
  await fetch(origin, { method: "HEAD", redirect: "manual", signal });
}

class Patience {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number) {
    this.#timer = setTimeout(() => this.#controller.abort(new Error(`no data came for ${ms / 1000} s`)), ms);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  renew(): void {
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

/** Resolving an address and its retries cannot be aborted in node-llama-cpp, so they are left behind instead. */
const rejectWhenAborted = async (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });

/** `fetch failed` says nothing; its cause says `connect ECONNREFUSED …`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
