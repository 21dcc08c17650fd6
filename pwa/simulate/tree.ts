/** The database in memory walks its trees by generators in generators, a third of its time: the same walk without them. */
// @ts-expect-error a part of the package, without types
import Tree from '../node_modules/fake-indexeddb/build/esm/lib/binarySearchTree.js'
// @ts-expect-error as above
import { cmpKeys } from '../node_modules/fake-indexeddb/build/esm/lib/cmp.js'

interface Row {
  key: unknown
  value: unknown
}

interface Node {
  record: Row
  left?: Node
  right?: Node
  deleted: boolean
}

interface Range {
  lower?: unknown
  upper?: unknown
  lowerOpen: boolean
  upperOpen: boolean
}

const whole = cmpKeys as (a: unknown, b: unknown) => number

function compared(a: unknown, b: unknown): number {
  if ((typeof a === 'string' && typeof b === 'string') || (typeof a === 'number' && typeof b === 'number')) return a < b ? -1 : a > b ? 1 : 0
  return whole(a, b)
}

/** Records within `range` in order. The tree is not changed while somebody walks it. */
function walk(root: Node | undefined, range: Range, descending: boolean, unique: boolean): IterableIterator<Row> {
  const { lower, upper, lowerOpen, upperOpen } = range
  const [first, last] = descending ? (['right', 'left'] as const) : (['left', 'right'] as const)
  const path: { node: Node; within: boolean; more: boolean }[] = []
  let next = root
  return {
    [Symbol.iterator]() {
      return this
    },
    next() {
      for (;;) {
        while (next) {
          const node: Node = next
          const low = lower === undefined ? -1 : compared(lower, node.record.key)
          const high = upper === undefined ? 1 : compared(upper, node.record.key)
          const left = unique ? low < 0 : low <= 0
          const right = unique ? high > 0 : high >= 0
          const within = (lowerOpen ? low < 0 : low <= 0) && (upperOpen ? high > 0 : high >= 0)
          path.push({ node, within: within && !node.deleted, more: descending ? left : right })
          next = (descending ? right : left) ? node[first] : undefined
        }
        const here = path.pop()
        if (!here) return { done: true, value: undefined }
        next = here.more ? here.node[last] : undefined
        if (here.within) return { done: false, value: here.node.record }
      }
    },
  }
}

type TreeOf = { _root?: Node; _keysAreUnique: boolean }

Object.assign((Tree as { prototype: object }).prototype, {
  getRecords(this: TreeOf, range: Range, descending = false) {
    return walk(this._root, range, descending, this._keysAreUnique)
  },
  _compare(this: TreeOf, a: Row, b: Row) {
    return compared(a.key, b.key) || (this._keysAreUnique ? 0 : compared(a.value, b.value))
  },
})
