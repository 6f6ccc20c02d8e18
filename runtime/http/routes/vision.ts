import { routes } from "../../../protocol/routes.ts";
import { infer, type InferDeps } from "../infer.ts";
import { bytesOf } from "../media.ts";
import { mount, type Mounted } from "../mount.ts";

/** Labels, things and text in images. */
export function mountVisionRoutes(to: Mounted, deps: InferDeps): void {
  mount(to, routes.imageClassify, async ({ body: { model, image, top, profile } }, call) => {
    const images = (Array.isArray(image) ? image : [image]).map((each, index, all) => bytesOf(each, all.length === 1 ? "image" : `image.${index}`));
    const { labels } = await infer(deps, call, {
      route: routes.imageClassify.path, model, task: "image-classification", input: { images, top }, profile, parameters: { images: images.length, bytes: sizeOf(images), top },
    });
    return { model, results: labels.map((each, index) => ({ index, labels: [...each] })) };
  });
  mount(to, routes.detect, async ({ body: { model, image, threshold = null, profile } }, call) => {
    const bytes = bytesOf(image, "image");
    const { width, height, detections } = await infer(deps, call, {
      route: routes.detect.path, model, task: "object-detection", input: { image: bytes, threshold }, profile, parameters: { bytes: bytes.length, threshold },
    });
    return { model, width, height, detections: [...detections] };
  });
  mount(to, routes.ocr, async ({ body: { model, image, profile } }, call) => {
    const bytes = bytesOf(image, "image");
    const { width, height, lines } = await infer(deps, call, { route: routes.ocr.path, model, task: "ocr", input: { image: bytes }, profile, parameters: { bytes: bytes.length } });
    const text = lines.map((line) => line.text).join("\n");
    return { model, width, height, text, lines: lines.map((line) => ({ ...line, corners: line.corners.map(([x, y]): [number, number] => [x, y]) })) };
  });
}

const sizeOf = (files: readonly Uint8Array[]): number => files.reduce((sum, { length }) => sum + length, 0);
