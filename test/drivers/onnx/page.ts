import sharp from "sharp";

export interface PageText {
  readonly text: string;
  readonly x: number;
  /** Of the baseline. */
  readonly y: number;
  readonly size: number;
  readonly font?: string | undefined;
}

/** Black on white, as a printer would set it; a PNG. */
export async function renderPage(width: number, height: number, texts: readonly PageText[]): Promise<Buffer> {
  const lines = texts.map(({ text, x, y, size, font = "DejaVu Sans" }) => `<text x="${x}" y="${y}" font-size="${size}" font-family="${font}" xml:space="preserve">${escaped(text)}</text>`);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#fff"/>${lines.join("")}</svg>`;
  return await sharp(Buffer.from(svg)).removeAlpha().png().toBuffer();
}

/** Lines below each other. */
export const paragraph = (lines: readonly string[], { x = 60, y = 80, size = 32, spacing = 1.6, font }: { x?: number; y?: number; size?: number; spacing?: number; font?: string } = {}): PageText[] =>
  lines.map((text, index) => ({ text, x, y: y + index * size * spacing, size, font }));

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
