// Put in place of VS Code's native logger, which would need a C++ compiler on the test machine. Same calls, plain appended files:
// enough for the editor's log files and for the output channels, which are views of such files.
const { appendFileSync, mkdirSync } = require("node:fs");
const { dirname } = require("node:path");

const levels = ["trace", "debug", "info", "warn", "error", "critical"];
const info = 2;

class Logger {
  #file;
  #level = info;
  #formatted = true;

  constructor(_type, _name, file) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, "");
  }

  getLevel() {
    return this.#level;
  }

  setLevel(level) {
    this.#level = level;
  }

  setPattern() {
    this.#formatted = true;
  }

  clearFormatters() {
    this.#formatted = false;
  }

  write(level, message) {
    if (level < this.#level) return;
    const head = `${new Date().toISOString().replace("T", " ").replace("Z", "")} [${levels[level]}] `;
    try {
      appendFileSync(this.#file, this.#formatted ? `${head}${message}\n` : message);
    } catch {
      // The editor may write its last lines after a test has removed the folder.
    }
  }

  flush() {}

  drop() {}
}
for (const [level, name] of levels.entries()) {
  Logger.prototype[name] = function (message) {
    this.write(level, message);
  };
}

const createLogger = (name, file) => Promise.resolve(new Logger("rotating", name, file));

// One assignment each: the editor imports this file as a module, and Node finds the names of a CommonJS file only in this form.
exports.version = 0;
exports.setLevel = () => undefined;
exports.setFlushOn = () => undefined;
exports.createRotatingLogger = createLogger;
exports.createAsyncRotatingLogger = createLogger;
exports.Logger = Logger;
