import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import sharp from "sharp";
import { routes } from "../../../protocol/routes.ts";
import { atLeast, row } from "../../engine/row.ts";
import { mobileNetLabels, readMobileNet } from "../../models/keras-model.ts";
import { kerasToOnnx } from "../../models/keras-onnx.ts";
import { mirrored } from "../../statistics.ts";
import { startLineProcess } from "../line-process.ts";
import type { OnnxScenario } from "../scenario.ts";
import { sendImage, startVision } from "../vision.ts";

const [side, images, clients] = [224, 200, 4];

/** Our side receives, decodes and scales pictures besides; it may do so while the graph runs. */
export const labels: OnnxScenario = {
  name: "labels",
  about: `${images} JPEGs of ${2 * side} pixels through MobileNetV2, ${clients} clients; peer: session.run on one tensor after the other, in its own process, and with sharp before it`,
  run: async ({ rounds, threads }) => {
    const folder = mkdtempSync(join(tmpdir(), "inferno-bench-labels-"));
    const path = join(folder, "model.onnx");
    writeFileSync(path, kerasToOnnx(readMobileNet(), side, mobileNetLabels.length));
    const noise = { type: "gaussian" as const, mean: 128, sigma: 30 };
    const image = await sharp({ create: { width: 2 * side, height: 2 * side, channels: 3, background: "#888", noise } }).blur(3).jpeg().toBuffer();
    const peer = startLineProcess(join(import.meta.dirname, "../../peers/bare-mobilenet.ts"), [path, String(threads)]);
    const daemon = await startVision(threads, { task: "image-classification", model: path, image: { width: side, height: side }, labels: mobileNetLabels, activation: "none" });
    const ours = async (count = images): Promise<number> => {
      const beganAt = performance.now();
      let left = count;
      await Promise.all(Array.from({ length: clients }, async () => {
        for (; left > 0;) {
          left -= 1;
          await sendImage(daemon.target, routes.imageClassify.path, image);
        }
      }));
      return count / ((performance.now() - beganAt) / 1000);
    };
    const jpeg = image.toString("base64");
    const theirs = async (decoded: boolean, count = images): Promise<number> => count / ((await peer.ask<{ ms: number }>({ images: count, jpeg: decoded ? null : jpeg })).ms / 1000);
    try {
      await ours(20);
      await theirs(false, 20);
      const [daemonRuns = [], tensorRuns = [], fileRuns = []] = await mirrored(rounds, [() => ours(), () => theirs(true), () => theirs(false)]);
      return [
        row({ scenario: "labels", figure: "peer given tensors", unit: "images/s", ours: daemonRuns, peer: tensorRuns, bar: atLeast(1) }),
        row({ scenario: "labels", figure: "peer given the files", unit: "images/s", ours: daemonRuns, peer: fileRuns, bar: atLeast(1) }),
      ];
    } finally {
      await Promise.all([peer.stop(), daemon.stop()]);
      rmSync(folder, { recursive: true });
    }
  },
};
