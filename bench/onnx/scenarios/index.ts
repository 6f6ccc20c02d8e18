import type { OnnxScenario } from "../scenario.ts";
import { manySentences } from "./many-sentences.ts";
import { oneSentence } from "./one-sentence.ts";
import { voice } from "./voice.ts";

export const onnxScenarios: readonly OnnxScenario[] = [manySentences, oneSentence, voice];
