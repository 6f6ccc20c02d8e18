/** Entry of the process that tries graphs out: one question, one answer. */
import { InfernoError } from "../../../../protocol/errors.ts";
import { quietEngine } from "../options.ts";
import { answer } from "./answer.ts";
import type { FromLab, Question } from "./questions.ts";

const send = (message: FromLab): void => void process.send?.(message);

process.once("message", (question: Question) => {
  quietEngine();
  void answer(question, (done, total) => send({ type: "progress", done, total })).then(
    (result) => send({ type: "answer", answer: result }),
    (error: unknown) => send({ type: "failed", error: InfernoError.from(error).toBody() }),
  );
});
// Whoever asked is gone: a graph that runs on would keep a core busy for nobody.
process.on("disconnect", () => process.exit());
