import { z } from "zod";

/**
 * The one table of errors. `status` is the HTTP status, `type` the class in OpenAI's error shape, `exit` the command line's exit code,
 * `retry` what a caller may do: `never` (change the request), `same` (send it again now) or `later` (wait, then again).
 */
interface ErrorRow {
  readonly status: number;
  readonly type: ErrorType;
  readonly exit: number;
  readonly retry: Retry;
  /** When it happens, for the reference page. */
  readonly when: string;
  /** What to do about it: the default of `hint`. */
  readonly hint: string;
}
export type Retry = "never" | "same" | "later";
export type ErrorType =
  | "invalid_request_error"
  | "authentication_error"
  | "permission_error"
  | "not_found_error"
  | "rate_limit_error"
  | "server_error";

const row = (status: number, type: ErrorType, exit: number, retry: Retry, when: string, hint: string): ErrorRow => ({
  status, type, exit, retry, when, hint,
});
const bad = "invalid_request_error";

export const errorTable = {
  invalid_json: row(400, bad, 2, "never", "The request body is not JSON.", "Send a JSON object; the message names the position."),
  invalid_utf8: row(400, bad, 2, "never", "The request body holds bytes that are not UTF-8.", "Encode the body as UTF-8."),
  invalid_request: row(400, bad, 2, "never", "A field is missing, has the wrong type or is out of range.", "Correct the field that `param` names."),
  body_too_large: row(413, bad, 2, "never", "The request body is larger than the daemon accepts.", "Send a smaller body."),
  unsupported_media_type: row(415, bad, 2, "never", "The request body is not declared as JSON, or is compressed.", "Send `Content-Type: application/json` and no `Content-Encoding`; OpenTelemetry's exporters do with the protocol `http/json`."),
  unsupported_parameter: row(400, bad, 2, "never", "A parameter of OpenAI's API that Inferno does not support was given a value.", "Leave the parameter out."),
  context_length_exceeded: row(400, bad, 2, "never", "The prompt does not fit into the model's context.", "Shorten the prompt, or raise `context` in inferno.yaml up to the trained length."),
  template_failed: row(400, bad, 2, "never", "The model's chat template refused the messages.", "Read the template's reason in the message; many templates want roles to alternate."),
  template_missing: row(400, bad, 2, "never", "The model has no chat template.", "Use /v1/completions, or a model file that carries `tokenizer.chat_template`."),
  model_task_mismatch: row(400, bad, 2, "never", "The model's `task` does not serve this route.", "Use the route of its task, or change `task` in inferno.yaml."),
  unauthorized: row(401, "authentication_error", 3, "never", "The bearer token is missing or wrong.", "Send `Authorization: Bearer TOKEN`; the token is in daemon.json under INFERNO_HOME."),
  forbidden_origin: row(403, "permission_error", 3, "never", "The Host or Origin header is not one that the daemon serves (protection against DNS rebinding).", "Use the daemon's own address, as `inferno ps` prints it."),
  route_not_found: row(404, "not_found_error", 2, "never", "No such path.", "See /openapi.json for the routes."),
  method_not_allowed: row(405, bad, 2, "never", "The path exists, with another method.", "Use the method in the `Allow` header."),
  model_not_found: row(404, "not_found_error", 4, "never", "No model has this name.", "`inferno models` lists the names; add one under `models:` in inferno.yaml."),
  trace_not_found: row(404, "not_found_error", 4, "never", "No trace has this id; old traces are removed by retention.", "`GET /api/v1/traces` lists them."),
  debug_session_not_found: row(404, "not_found_error", 4, "never", "No debug session has this id: it was ended, or nobody has used it for an hour.", "`GET /api/v1/debug` lists them; begin a new one."),
  debug_busy: row(409, bad, 2, "later", "The debug session is on its way to its next stop.", "Send `{\"do\": \"pause\"}` first, or wait for the answer."),
  debug_impossible: row(422, bad, 2, "never", "A debug session cannot do this: the state is no longer there, the request cannot be computed again, or the engine cannot go back.", "Read the reason in the message."),
  trace_file_invalid: row(422, bad, 4, "never", "A trace file is damaged, or is none; or what should be imported is not valid.", "Get the file again from where it was made. What can be read of a damaged one is read, and said so."),
  trace_file_newer: row(422, bad, 4, "never", "A trace file was written by a newer Inferno.", "Update Inferno, or export the trace as Chrome JSON or OTLP where it was made."),
  trace_file_too_large: row(413, bad, 4, "never", "A trace has more than can be held in memory or in one part of a file.", "Open it in the Flame panel, which reads only what it shows."),
  trace_file_missing: row(404, "not_found_error", 4, "never", "The trace file does not exist or cannot be read.", "Correct the path."),
  trace_file_unwritable: row(500, "server_error", 5, "later", "A trace file cannot be written, or the disk is full.", "Free space, correct the folder's rights, or choose another file with `--out`."),
  model_file_missing: row(404, "not_found_error", 4, "never", "The model's `source` does not exist or is a directory.", "Correct `models.<alias>.source` in inferno.yaml; paths are relative to that file."),
  model_file_invalid: row(422, bad, 4, "never", "The model file is not a valid GGUF or ONNX file: wrong magic, truncated, or corrupt.", "Download the file again and compare its size and checksum."),
  model_load_failed: row(500, "server_error", 5, "later", "The engine could not load the model.", "See the message and the daemon's log; `inferno doctor` checks memory and libraries."),
  model_does_not_fit: row(503, "server_error", 5, "later", "The model is predicted not to fit into the memory that is free now.", "Take the context that the message names, a smaller quantization or KV type, or free memory; `check_memory: false` loads it all the same."),
  adapter_not_found: row(404, "not_found_error", 4, "never", "The model has no LoRA adapter of this name.", "Name one of `models.<alias>.lora` in inferno.yaml."),
  state_not_found: row(404, "not_found_error", 4, "never", "No saved conversation state has this name, or it belongs to another model file.", "Save it first: POST /api/v1/states/save."),
  manifest_invalid: row(422, bad, 4, "never", "The model's `inferno.model.yaml` is missing, not valid, or does not fit its graph.", "Correct the line that the message names; `inferno models add FILE` writes one."),
  media_invalid: row(422, bad, 2, "never", "An image or sound cannot be decoded.", "Send PNG, JPEG, WebP, GIF, TIFF or AVIF, and WAV, MP3, Ogg or FLAC."),
  media_too_large: row(413, bad, 2, "never", "An image has too many pixels, or a sound is too long.", "Make it smaller, or cut it into parts."),
  tensor_mismatch: row(400, bad, 2, "never", "A tensor's name, type or shape is not what the graph takes.", "`inferno inspect FILE` lists the graph's inputs."),
  inference_failed: row(500, "server_error", 5, "same", "The engine failed in a run.", "Send the request again; if it happens again, see the daemon's log."),
  inference_stuck: row(504, "server_error", 5, "same", "A run took longer than `onnx.run_limit_s`; the model's process was started again.", "Send it again, or raise the limit."),
  grammar_invalid: row(400, bad, 2, "never", "The grammar or JSON schema cannot be turned into rules for the sampler.", "Correct the part that the message names."),
  deadline_exceeded: row(504, "server_error", 6, "later", "The request's own time limit passed before its answer was complete.", "Raise `timeout_ms`, or send it when the daemon is less busy."),
  model_download_failed: row(502, "server_error", 5, "later", "A remote `source` could not be fetched.", "Check the network and the name, or download the file by hand and use its path."),
  model_host_crashed: row(500, "server_error", 5, "same", "The model's process died in the middle of the request.", "Send the request again: the process is restarted. If it happens again, see the daemon's log."),
  decode_failed: row(500, "server_error", 5, "same", "The engine failed in a decode step.", "Send the request again; if it happens again, see the daemon's log."),
  engine_unsupported: row(500, "server_error", 5, "never", "The engine's library is missing, or not the release that Inferno was built for.", "Run `npm ci` again; `inferno doctor` shows both releases."),
  queue_full: row(429, "rate_limit_error", 6, "later", "The model's queue is full.", "Wait for the seconds that `Retry-After` names, then send it again."),
  request_cancelled: row(499, bad, 130, "never", "The client ended the request.", "Nothing to do."),
  daemon_stopping: row(503, "server_error", 6, "later", "The daemon is shutting down.", "Start it again: `inferno serve`."),
  alias_conflict: row(409, bad, 2, "never", "Another configuration in use gives this model name to another source.", "Rename one of the two aliases."),
  config_invalid: row(422, bad, 2, "never", "The configuration file is not valid.", "Correct the line that the message names; editors show it through `inferno lsp`."),
  config_missing: row(404, "not_found_error", 2, "never", "The configuration file does not exist or cannot be read.", "Correct the path."),
  port_in_use: row(500, "server_error", 7, "later", "The port is taken by another program.", "Choose another with `--port`, or `--port 0` for any free one."),
  daemon_unreachable: row(503, "server_error", 7, "later", "No daemon answers at the recorded address.", "Start one: `inferno serve`."),
  home_unwritable: row(500, "server_error", 7, "never", "The state folder cannot be written, or the disk is full.", "Free space or correct its rights, or set INFERNO_HOME to another folder."),
  store_failed: row(500, "server_error", 5, "later", "The trace store cannot be read or written.", "Check disk space; `inferno doctor` tests the store."),
  stream_interrupted: row(502, "server_error", 5, "same", "The connection broke before the stream ended (reported by the client library).", "Send the request again; `partial` holds the text that had arrived."),
  bad_response: row(502, "server_error", 5, "later", "The server's answer does not follow the contract (reported by the client library).", "Check that client and daemon are of the same version."),
  install_failed: row(502, "server_error", 5, "later", "A GPU package could not be fetched or its checksum is wrong.", "Check the network, then run `inferno gpu install` again."),
  consent_required: row(400, bad, 2, "never", "The command downloads files and nobody agreed to it.", "Run it in a terminal and agree, or pass `--yes`."),
  usage: row(400, bad, 2, "never", "The command line is wrong.", "See `inferno --help`."),
  internal: row(500, "server_error", 1, "later", "A bug in Inferno.", "Please report it with the daemon's log."),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;
export const errorCodes = Object.keys(errorTable) as ErrorCode[];
export const isErrorCode = (value: string): value is ErrorCode => Object.hasOwn(errorTable, value);

/** OpenAI's error shape, with our code and what to do. In a stream it is the last event: `data: {"error": …}`. */
export const ErrorBody = z.object({
  error: z.object({
    code: z.string().meta({ description: "A code of the error table (docs/reference/errors.md)." }),
    message: z.string().meta({ description: "What was wrong, and where." }),
    type: z.string().meta({ description: "The class of error, in OpenAI's words." }),
    param: z.string().nullable().meta({ description: "The field at fault, as a path, or null." }),
    hint: z.string().meta({ description: "What to do about it." }),
  }),
}).meta({ id: "Error" });
export type ErrorBody = z.infer<typeof ErrorBody>;

export interface ErrorDetails {
  readonly param?: string | null | undefined;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** Seconds, for `Retry-After`. */
  readonly retryAfter?: number | undefined;
  /** Text that had arrived before a stream broke. */
  readonly partial?: string | undefined;
}

/** The only error that crosses a boundary (process, HTTP, command line) on purpose. */
export class InfernoError extends Error {
  override readonly name = "InfernoError";
  readonly code: ErrorCode;
  readonly param: string | null;
  readonly hint: string;
  readonly retryAfter: number | undefined;
  readonly partial: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.param = details.param ?? null;
    this.hint = details.hint ?? errorTable[code].hint;
    this.retryAfter = details.retryAfter;
    this.partial = details.partial;
  }

  get status(): number {
    return errorTable[this.code].status;
  }

  get retry(): Retry {
    return errorTable[this.code].retry;
  }

  get exitCode(): number {
    return errorTable[this.code].exit;
  }

  toBody(): ErrorBody {
    const { code, message, param, hint } = this;
    return { error: { code, message, type: errorTable[code].type, param, hint } };
  }

  static fromBody(body: ErrorBody, details: ErrorDetails = {}): InfernoError {
    const { code, message, param, hint } = body.error;
    if (isErrorCode(code)) return new InfernoError(code, message, { ...details, param, hint });
    return new InfernoError("bad_response", `${message} (unknown error code ${code})`, { ...details, param });
  }

  /** Anything thrown, as one of ours; a stranger becomes `internal`. */
  static from(error: unknown): InfernoError {
    if (error instanceof InfernoError) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new InfernoError("internal", message, { cause: error });
  }
}
