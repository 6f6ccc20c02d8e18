import type { OnnxScenario } from "../scenario.ts";
import { labels } from "./labels.ts";
import { lifetime } from "./lifetime.ts";
import { manySentences } from "./many-sentences.ts";
import { oneSentence } from "./one-sentence.ts";
import { quantized } from "./quantize.ts";
import { page } from "./page.ts";
import { voice } from "./voice.ts";

export const onnxScenarios: readonly OnnxScenario[] = [manySentences, oneSentence, voice, labels, page, quantized, lifetime];
