import { z } from "zod";

/** A file in a body: base64 or a data URL in JSON, a part with bytes in `multipart/form-data`. */
export type FileField = string | Uint8Array;

export const fileField = (description: string) => z.custom<FileField>((value) => (typeof value === "string" && value !== "") || (value instanceof Uint8Array && value.length > 0), {
  error: "give the file's bytes: base64 or a data URL in JSON, a part with a file in multipart/form-data",
}).meta({ description: `${description} Base64 or a data URL in JSON, or a file in \`multipart/form-data\`.`, override: { type: "string", format: "byte" } });

/** Form fields are texts: numbers and truth values are read from them. */
export const formNumber = z.preprocess((value) => (typeof value === "string" && value.trim() !== "" ? Number(value) : value), z.number());
export const formBoolean = z.preprocess((value) => (value === "true" ? true : value === "false" ? false : value), z.boolean());
