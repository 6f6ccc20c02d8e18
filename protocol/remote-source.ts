/** A `source` that the daemon downloads. Everything else is a path. */
export const isRemote = (source: string): boolean => source.startsWith("hf:");

/** ONNX models take files beside them (weights, tokenizer, configuration), which one address does not name: none is downloaded. Null for other sources. */
export function undownloadable(source: string): { readonly message: string; readonly hint: string } | null {
  if (!isRemote(source) || !/\.onnx$/i.test(source)) return null;
  return {
    message: `${source} is an ONNX file, and only GGUF files are downloaded: an ONNX model also needs the files around it.`,
    hint: "Copy the repository's files into a folder, run `inferno models add FOLDER`, and name that folder as `source`.",
  };
}
