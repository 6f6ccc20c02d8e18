/**
 * A tree of merged stacks: one node for each path of names. Found by hash in typed arrays, because a map of a million keys
 * takes several times the time and the memory.
 */
export class Stacks {
  count = 0;
  /** By node: the node below which it lies, -1 for a root. */
  parent = new Int32Array(64);
  /** By node: the name's place in the caller's table. */
  name = new Int32Array(64);
  #slots = new Int32Array(256).fill(-1);

  /** The node of this name below that node; made when it is new. */
  child(parent: number, name: number): number {
    for (let slot = this.#slotOf(parent, name); ; slot = (slot + 1) & (this.#slots.length - 1)) {
      const node = this.#slots[slot]!;
      if (node === -1) return this.#add(slot, parent, name);
      if (this.parent[node] === parent && this.name[node] === name) return node;
    }
  }

  #slotOf(parent: number, name: number): number {
    let hash = Math.imul(parent + 1, 0x9e3779b1) ^ Math.imul(name + 1, 0x85ebca6b);
    hash ^= hash >>> 15;
    hash = Math.imul(hash, 0x2c1b3c6d);
    return (hash ^ (hash >>> 13)) & (this.#slots.length - 1);
  }

  #add(slot: number, parent: number, name: number): number {
    const node = this.count++;
    if (node === this.parent.length) {
      this.parent = grown(this.parent);
      this.name = grown(this.name);
    }
    this.parent[node] = parent;
    this.name[node] = name;
    this.#slots[slot] = node;
    if (this.count * 2 > this.#slots.length) this.#rehash();
    return node;
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    for (let node = 0; node < this.count; node++) {
      let slot = this.#slotOf(this.parent[node]!, this.name[node]!);
      while (this.#slots[slot] !== -1) slot = (slot + 1) & (this.#slots.length - 1);
      this.#slots[slot] = node;
    }
  }
}

function grown(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const bigger = new Int32Array(array.length * 2);
  bigger.set(array);
  return bigger;
}
