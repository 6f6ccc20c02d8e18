/** `inferno.yaml`, or `inferno.model.yaml`, which lies beside an ONNX model and says what it is for. */
export type DocumentKind = "config" | "manifest";

/** As the daemon tells them apart, by their names. */
export const kindOf = (uri: string): DocumentKind => (/\.model\.ya?ml$/i.test(uri) ? "manifest" : "config");
