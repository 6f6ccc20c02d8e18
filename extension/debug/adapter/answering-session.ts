import { DebugSession } from "@vscode/debugadapter";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { InfernoError } from "../../../protocol/errors.ts";

/** A debug session whose requests are answered when their work is done, or with what went wrong. */
export abstract class AnsweringSession extends DebugSession {
  /** What followed an answer has failed. */
  protected abstract failed(error: InfernoError): void;

  /** Does what a request asks for and answers it; `then` follows behind the answer. */
  protected answer<T>(response: DebugProtocol.Response, work: () => T | Promise<T>, then?: (result: T) => Promise<void> | void): void {
    const answered = async (): Promise<void> => {
      const result = await work();
      this.sendResponse(response);
      try {
        await then?.(result);
      } catch (error) {
        this.failed(InfernoError.from(error));
      }
    };
    answered().catch((thrown: unknown) => {
      const { message, hint } = InfernoError.from(thrown);
      // The text goes in by a name that begins with an underscore, which is the kind that people may see; its own braces are no names then.
      this.sendErrorResponse(response, { id: 1, format: "{_said}", variables: { _said: `${message} ${hint}`.trim() } });
    });
  }
}
