import multipart, { type Multipart } from "@fastify/multipart";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { InfernoError } from "../../protocol/errors.ts";

/** Bytes of a body that carries images or sound: an hour of 16 kHz sound, uncompressed, is 115 MB. */
export const mediaLimit = 128 * 1024 * 1024;
const limits = { fields: 64, files: 64, fieldSize: 1024 * 1024, fileSize: mediaLimit, parts: 128 };

export async function readForms(app: FastifyInstance): Promise<void> {
  await app.register(multipart, { limits });
}

/** All of a form; what is no file in it is small. */
const formLimit = mediaLimit + 2 ** 20;

/** The fields of a form by name: texts, and the bytes of files. A name that comes twice, or ends in `[]`, becomes a list. */
export async function readForm(request: FastifyRequest): Promise<Record<string, unknown>> {
  const { raw } = request;
  if (Number(raw.headers["content-length"] ?? 0) > formLimit) throw tooLarge();
  const excess = Promise.withResolvers<never>();
  let received = 0;
  // The parser has a limit for each file, and reads on to the form's end when it is passed, however far that is.
  raw.on("data", (bytes: Uint8Array) => {
    received += bytes.length;
    if (received > formLimit) excess.reject(tooLarge());
  });
  try {
    return await Promise.race([readParts(request), excess.promise]);
  } catch (error) {
    raw.unpipe();
    throw error;
  }
}

async function readParts(request: FastifyRequest): Promise<Record<string, unknown>> {
  const fields = new Map<string, unknown[]>();
  const lists = new Set<string>();
  try {
    for await (const part of request.parts()) {
      const name = part.fieldname.replace(/\[\]$/, "");
      if (name !== part.fieldname) lists.add(name);
      fields.set(name, [...(fields.get(name) ?? []), await valueOf(part)]);
    }
  } catch (cause) {
    throw translated(cause);
  }
  return Object.fromEntries([...fields].map(([name, values]) => [name, values.length === 1 && !lists.has(name) ? values[0] : values]));
}

const valueOf = async (part: Multipart): Promise<unknown> => (part.type === "file" ? new Uint8Array(await part.toBuffer()) : part.value);

function translated(cause: unknown): unknown {
  const { code = "", message = "" } = cause instanceof Error ? (cause as Error & { readonly code?: string }) : {};
  if (/^FST_(REQ_FILE_TOO_LARGE|FILES_LIMIT|PARTS_LIMIT|FIELDS_LIMIT)$/.test(code)) return tooLarge(cause);
  if (code.startsWith("FST_") && code !== "FST_ERR_CTP_BODY_TOO_LARGE") return new InfernoError("invalid_request", `The form cannot be read: ${message}.`, { cause });
  return code === "" && !(cause instanceof InfernoError) ? new InfernoError("invalid_request", `The form cannot be read: ${message}.`, { cause }) : cause;
}

const tooLarge = (cause?: unknown): InfernoError =>
  new InfernoError("body_too_large", `The form is too large: at most ${mediaLimit / 1024 / 1024} MiB, in ${limits.files} files and ${limits.fields} fields.`, { cause });
