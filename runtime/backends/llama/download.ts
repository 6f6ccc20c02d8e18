import { resolveModelFile } from "node-llama-cpp";

import { InfernoError } from "../../../protocol/errors.ts";

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** A server with Hugging Face's layout of addresses, instead of theirs. */
  readonly endpoint?: string | undefined;
}

export interface DownloadProgress {
  readonly downloadedBytes: number;
  readonly totalBytes: number;
}

/**
 * Fetches `hf:user/model:quant`, `hf:user/model/file.gguf` or an https address into `folder`, unless it is there, and returns the path of
 * the (first) file. Asks nothing and prints nothing; an aborted download leaves no partial file.
 */
export async function downloadModel(uri: string, folder: string, options: DownloadOptions = {}): Promise<string> {
  const { signal, onProgress, endpoint } = options;
  try {
    signal?.throwIfAborted();
    return await resolveModelFile(uri, {
      directory: folder,
      cli: false,
      ...(signal && { signal }),
      ...(endpoint !== undefined && { endpoints: { huggingFace: endpoint } }),
      onProgress: ({ totalSize, downloadedSize }) => onProgress?.({ downloadedBytes: downloadedSize, totalBytes: totalSize }),
    });
  } catch (cause) {
    if (signal?.aborted === true) throw new InfernoError("request_cancelled", `The download of ${uri} was cancelled.`, { cause });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InfernoError("model_download_failed", `${uri} could not be downloaded to ${folder}: ${reason}.`, { cause });
  }
}
