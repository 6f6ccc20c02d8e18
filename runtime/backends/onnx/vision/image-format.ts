/** The formats that are decoded, each by the bytes that its files begin with. */
const signatures: readonly (readonly [name: string, offset: number, bytes: readonly number[]])[] = [
  ["PNG", 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["JPEG", 0, [0xff, 0xd8, 0xff]],
  ["GIF", 0, ascii("GIF8")],
  ["WebP", 8, ascii("WEBP")],
  ["TIFF", 0, [0x49, 0x49, 0x2a, 0x00]],
  ["TIFF", 0, [0x4d, 0x4d, 0x00, 0x2a]],
  ["AVIF", 4, ascii("ftypavif")],
  ["AVIF", 4, ascii("ftypavis")],
];

/** What people send by mistake, so that the message can name it. */
const others: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["a PDF document, which is not decoded; make pictures of its pages", /^%PDF/],
  ["an SVG drawing, which is not decoded; make a PNG of it", /^\s*(<\?xml[^]*)?(<!--[^]*)?(<!DOCTYPE svg[^]*)?<svg/i],
  ["an HTML page", /^\s*<(!doctype html|html)/i],
  ["a HEIC photo, which is not decoded; save it as JPEG", /^[^]{4}ftyp(heic|heix|mif1|msf1)/],
  ["base64 text; send the bytes that it stands for", /^(data:image\/|iVBORw0KGgo|\/9j\/)/],
];

/** The format's name, or what the bytes are instead. */
export function imageFormat(bytes: Uint8Array): string | { readonly refused: string } {
  if (bytes.length === 0) return { refused: "empty: no byte arrived" };
  const known = signatures.find(([, offset, signature]) => signature.every((byte, at) => bytes[offset + at] === byte));
  if (known !== undefined) return known[0];
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, 512));
  return { refused: others.find(([, pattern]) => pattern.test(start))?.[0] ?? `in no format that is known (it begins with ${hex(bytes.subarray(0, 8))})` };
}

function ascii(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
