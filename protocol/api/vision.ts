import { z } from "zod";
import { fileField, formNumber } from "./media.ts";
import { profile } from "./profile.ts";

/** Bodies of the routes that look at images. Coordinates are pixels of the image as it is seen, after its EXIF orientation: x to the right, y down. */

const model = z.string().min(1).meta({ description: "Model name." });
const image = fileField("PNG, JPEG, WebP, GIF, TIFF or AVIF.");
const score = z.number().meta({ description: "0 to 1." });

export const LabelScore = z.object({ label: z.string(), score }).meta({ id: "LabelScore" });
const size = { width: z.int().meta({ description: "Width of the image in pixels." }), height: z.int().meta({ description: "Height of the image in pixels." }) };

export const ImageClassifyRequest = z.object({
  model,
  image: z.union([image, z.array(image).min(1).max(64)]).meta({ description: "An image, or up to 64." }),
  top: formNumber.pipe(z.int().min(1).max(1000)).default(5).meta({ description: "The best so many labels; form fields are read as numbers." }),
  profile,
}).meta({ id: "ImageClassifyRequest" });
export const ImageClassifyResponse = z.object({
  model: z.string(),
  results: z.array(z.object({ index: z.int(), labels: z.array(LabelScore) })).meta({ description: "In the order of the images; labels with the best first." }),
}).meta({ id: "ImageClassifyResponse" });

export const DetectRequest = z.object({
  model, image,
  threshold: formNumber.pipe(z.number().min(0).max(1)).optional().meta({ description: "Least score. Default: as the model's manifest says." }),
  profile,
}).meta({ id: "DetectRequest" });
export const DetectResponse = z.object({
  model: z.string(), ...size,
  detections: z.array(z.object({ label: z.string(), score, box: z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }) })),
}).meta({ id: "DetectResponse" });

export const OcrRequest = z.object({ model, image, profile }).meta({ id: "OcrRequest" });
export const OcrResponse = z.object({
  model: z.string(), ...size,
  text: z.string().meta({ description: "All lines, in reading order." }),
  lines: z.array(z.object({
    text: z.string(), score,
    corners: z.array(z.tuple([z.number(), z.number()])).meta({ description: "Clockwise from the text's own top left." }),
  })),
}).meta({ id: "OcrResponse" });
