const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

const two = (value: number): string => String(value).padStart(2, "0");
const hour12 = (date: Date): number => date.getHours() % 12 || 12;
const day = (date: Date): string => days[date.getDay()]!;
const month = (date: Date): string => months[date.getMonth()]!;

const directives: Readonly<Record<string, (date: Date) => string>> = {
  Y: (date) => String(date.getFullYear()),
  y: (date) => two(date.getFullYear() % 100),
  m: (date) => two(date.getMonth() + 1),
  B: month,
  b: (date) => month(date).slice(0, 3),
  d: (date) => two(date.getDate()),
  e: (date) => String(date.getDate()).padStart(2, " "),
  A: day,
  a: (date) => day(date).slice(0, 3),
  H: (date) => two(date.getHours()),
  I: (date) => two(hour12(date)),
  M: (date) => two(date.getMinutes()),
  S: (date) => two(date.getSeconds()),
  p: (date) => (date.getHours() < 12 ? "AM" : "PM"),
  "%": () => "%",
};

/**
 * Python's `strftime` in the C locale, which models were trained with: English names whatever the machine speaks.
 * `%-d` drops the padding, as glibc does. What is not known stays as written.
 */
export function strftime(date: Date, format: string): string {
  return format.replace(/%(-?)([A-Za-z%])/g, (whole, unpadded: string, letter: string) => {
    const text = directives[letter]?.(date);
    if (text === undefined) return whole;
    return unpadded === "" ? text : text.replace(/^[0 ]+(?=\d)/, "");
  });
}
