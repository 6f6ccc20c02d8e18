import { audioRecipes } from "./audio.ts";
import type { FolderFacts, Recipe } from "./facts.ts";
import { imageRecipes } from "./image.ts";
import { ocrRecipes } from "./ocr.ts";
import { textRecipes } from "./text.ts";

/** A choice so likely, and so far ahead of all others, needs nobody to confirm it. */
const clearScore = 60;
const clearLead = 25;

/** What the model may be for, the likeliest first. The last is `raw`, which every graph can be. */
export function recipesFor(facts: FolderFacts): Recipe[] {
  const [model] = facts.models;
  if (model === undefined) return [];
  const found = [...textRecipes(facts), ...ocrRecipes(facts), ...audioRecipes(facts), ...imageRecipes(facts)];
  const raw: Recipe = { task: "raw", score: 10, reasons: ["every graph takes and gives tensors"], assumed: [], missing: [], manifest: { task: "raw", model: model.file } };
  // One that lacks a file comes after all that could run.
  return [...found.sort((a, b) => Math.sign(a.missing.length) - Math.sign(b.missing.length) || b.score - a.score), raw];
}

/** The first recipe, when there is no doubt: it can run, and none of the others comes near. */
export function clearChoice(recipes: readonly Recipe[]): Recipe | null {
  const [first, second] = recipes;
  if (first === undefined || first.missing.length > 0) return null;
  if (first.task === "raw") return first;
  const rival = second?.missing.length === 0 ? second.score : 0;
  return first.score >= clearScore && first.score - rival >= clearLead ? first : null;
}
