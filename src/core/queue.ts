/** A first-in first-out queue with a bound. `push` says false when it is full; the caller answers "busy". */
export class BoundedQueue<T> {
  readonly #capacity: number
  #items: (T | undefined)[] = []
  #head = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#items.length - this.#head
  }

  push(item: T): boolean {
    if (this.size >= this.#capacity) return false
    this.#items.push(item)
    return true
  }

  peek(): T | undefined {
    return this.#items[this.#head]
  }

  shift(): T | undefined {
    const item = this.#items[this.#head]
    if (item === undefined) return undefined
    this.#items[this.#head] = undefined
    this.#head += 1
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }
}
