import { InfernoError } from "../../protocol/errors.ts";
import type { FolderFacts, Recipe } from "../onnx-file/recipes/facts.ts";
import { clearChoice, recipesFor } from "../onnx-file/recipes/recipes.ts";
import type { Context } from "./context.ts";
import { isInteractive } from "./terminal.ts";

export interface RecipeWish {
  readonly task?: string | undefined;
  readonly yes?: boolean | undefined;
}

/** The one recipe to follow: asked for, beyond doubt, or chosen by a person. Rejects with `usage` where nobody can choose, and `manifest_invalid` where files are missing. */
export async function chooseRecipe(context: Context, facts: FolderFacts, { task, yes }: RecipeWish): Promise<Recipe> {
  const recipes = recipesFor(facts);
  if (task !== undefined) return complete(recipes.find((recipe) => recipe.task === task) ?? refuse(task, recipes));
  const chosen = clearChoice(recipes) ?? (yes === true ? recipes[0] : undefined);
  return complete(chosen ?? (await askPerson(context, recipes)));
}

function refuse(task: string, recipes: readonly Recipe[]): never {
  throw new InfernoError("usage", `The graph does not look like a model for "${task}". It may be: ${recipes.map((recipe) => recipe.task).join(", ")}.`, {
    hint: "Choose one of these with --task, or write inferno.model.yaml by hand.",
  });
}

function complete(recipe: Recipe): Recipe {
  if (recipe.missing.length === 0) return recipe;
  throw new InfernoError("manifest_invalid", `A model for ${recipe.task} also needs ${recipe.missing.join(", and ")}, which is not beside it.`, {
    hint: "Put the files into the model's folder, or take it as it is: `--task raw`.",
  });
}

async function askPerson(context: Context, recipes: readonly Recipe[]): Promise<Recipe> {
  if (context.json || !isInteractive(context.terminal)) {
    const choices = recipes.map((recipe) => `  --task ${recipe.task}: ${why(recipe)}`);
    throw new InfernoError("usage", `The model may be for several things:\n${choices.join("\n")}`, { hint: "Choose with --task, or take the first with --yes." });
  }
  const { select, isCancel } = await import("@clack/prompts");
  const { stdin, stderr, stopped } = context.terminal;
  const options = recipes.map((recipe, index) => ({ value: index, label: recipe.task, hint: why(recipe) }));
  const index = await select({ message: "What is this model for?", options, input: stdin, output: stderr, signal: stopped });
  if (isCancel(index)) throw new InfernoError("request_cancelled", "Nothing was written.");
  return recipes[index]!;
}

const why = ({ reasons, missing }: Recipe): string => [...reasons, ...(missing.length === 0 ? [] : [`needs ${missing.join(", and ")}`])].join("; ");
