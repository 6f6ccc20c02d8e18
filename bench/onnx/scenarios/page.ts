import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { OcrResponse } from "../../../protocol/api/vision.ts";
import { routes } from "../../../protocol/routes.ts";
import { atMost, row } from "../../engine/row.ts";
import { inTurn } from "../../statistics.ts";
import { startLineProcess } from "../line-process.ts";
import type { OnnxScenario } from "../scenario.ts";
import { ocrManifest, renderPage, sendImage, startVision } from "../vision.ts";

const paragraph = [
  "The daemon holds no model itself; each one runs in", "a process of its own, so that a crash ends that one", "alone. Unloading a model ends its process, and all", "of its memory returns to the machine at once.",
  "Requests wait in a queue of bounded length, fair to", "all who ask, and one more is told when to come back.", "What a request did is kept as a trace: each stage is", "a span, and their lengths add up to the whole.",
];
const text = [...paragraph, ...paragraph, ...paragraph];

/** The peer sometimes drops a space behind a comma, and no letter: texts are compared without spaces. Ours must be right with them. */
const letters = (lines: readonly string[]): string => lines.join("").replaceAll(" ", "");

export const page: OnnxScenario = {
  name: "page",
  about: `a page of ${text.length} lines read, PNG sent to text received; peer: @gutenye/ocr-node on the file, in its own process`,
  run: async ({ rounds, threads }) => {
    const folder = mkdtempSync(join(tmpdir(), "inferno-bench-page-"));
    const image = await renderPage(text);
    const path = join(folder, "page.png");
    writeFileSync(path, image);
    const peer = startLineProcess(join(import.meta.dirname, "../../peers/gutenye-ocr.ts"), [String(threads)]);
    const daemon = await startVision(threads, ocrManifest);
    const ours = async (): Promise<number> => {
      const beganAt = performance.now();
      const answer = OcrResponse.parse(await sendImage(daemon.target, routes.ocr.path, image));
      const took = performance.now() - beganAt;
      if (answer.text !== text.join("\n")) throw new Error(`Our text is not the page's: ${answer.text}`);
      return took;
    };
    const theirs = async (): Promise<number> => {
      const { ms, lines } = await peer.ask<{ ms: number; lines: readonly string[] }>({ path });
      if (letters(lines) !== letters(text)) throw new Error(`The peer's text is not the page's: ${lines.join("\n")}`);
      return ms;
    };
    try {
      await ours();
      await theirs();
      const { a, b } = await inTurn(rounds, ours, theirs);
      return [row({ scenario: "page", figure: "end to end", unit: "ms", ours: a, peer: b, bar: atMost(1.1) })];
    } finally {
      await Promise.all([peer.stop(), daemon.stop()]);
      rmSync(folder, { recursive: true });
    }
  },
};
