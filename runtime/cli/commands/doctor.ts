import { success, type Context } from "../context.ts";
export async function doctor(_context: Context): Promise<number> {
  return success;
}
