import tseslint from "typescript-eslint";

/** Not ours to lint: built files, and what retraining the embedded model leaves behind. */
const ignored = ["dist/**", "node_modules/**", "test-results/**", ".vscode-test/**", "bench/ember/work/**"];

export default tseslint.config(
  { ignores: ignored },
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.strictTypeChecked],
    linterOptions: { reportUnusedDisableDirectives: "error", noInlineConfig: true },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A promise tested as a boolean, or dropped, is a check that cannot fail.
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/no-import-type-side-effects": "error",
      "@typescript-eslint/ban-ts-comment": ["error", { "ts-expect-error": true, "ts-ignore": true, "ts-nocheck": true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_", caughtErrors: "all" }],
      "@typescript-eslint/only-throw-error": "error",
      "@typescript-eslint/prefer-promise-reject-errors": "error",
      eqeqeq: "error",
      "no-restricted-globals": ["error", { name: "event", message: "Take the event as a parameter." }],
      "no-eval": "error",
      "no-new-func": "error",
      "prefer-const": "error",
      "max-lines": ["error", { max: 400 }],

      // Numbers and booleans print as one expects; demanding String(n) only makes messages longer.
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true, allowAny: false, allowNullish: false, allowRegExp: false },
      ],
      // `() => emitter.dispose()` as a callback is clear; a dropped promise is caught by the rules above.
      "@typescript-eslint/no-confusing-void-expression": "off",
      // `return void (await call())` says that a result is not wanted.
      "@typescript-eslint/no-meaningless-void-operator": "off",
      // A type parameter used once still names what a caller has to say (`parseJson<T>`).
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      // JSX types of custom elements can only be described in a namespace.
      "@typescript-eslint/no-namespace": ["error", { allowDeclarations: true }],
      // With noUncheckedIndexedAccess on, `!` after a bounds check is the honest spelling; the compiler checks the rest.
      "@typescript-eslint/no-non-null-assertion": "off",
      // Interfaces ask for promises; an implementation need not await to satisfy one.
      "@typescript-eslint/require-await": "off",
      // Classes that only hold static functions do not occur here; empty callbacks do.
      "@typescript-eslint/no-empty-function": "off",
      "@typescript-eslint/no-unnecessary-condition": ["error", { allowConstantLoopConditions: "only-allowed-literals" }],
    },
  },
  {
    files: ["**/*.generated.ts"],
    rules: { "max-lines": "off" },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      // node:test's functions return promises that the runner awaits itself.
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [
            { from: "package", package: "node:test", name: ["test", "it", "describe", "suite", "before", "after", "beforeEach", "afterEach"] },
          ],
        },
      ],
    },
  },
);
