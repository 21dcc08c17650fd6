/** Reads a vector tile (Mapbox Vector Tile 2.1): its layers, their features with values and lines. Pure. */

export interface Feature {
  type: 'point' | 'line' | 'area'
  values: Record<string, string | number | boolean>
  /** Rings or lines, x and y in turn, in units of the layer's extent. */
  parts: number[][]
}
export interface Layer {
  extent: number
  features: Feature[]
}

const TYPES = ['point', 'point', 'line', 'area'] as const

/** Protocol Buffers, as far as tiles need them. */
class Reader {
  private readonly view: DataView

  constructor(
    private readonly bytes: Uint8Array,
    private at = 0,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Calls `take` with each field's number; what it does not read is passed over. */
  fields(take: (field: number, reader: Reader) => void): void {
    while (this.at < this.bytes.length) {
      const key = this.varint()
      const before = this.at
      take(key >> 3, this)
      if (this.at === before) this.skip(key & 7)
    }
  }

  varint(): number {
    let [value, factor] = [0, 1]
    for (;;) {
      const byte = this.bytes[this.at++]
      if (byte === undefined) throw new Error('tile cut short')
      value += (byte & 127) * factor
      if (byte < 128) return value
      factor *= 128
    }
  }

  part(): Uint8Array {
    const length = this.varint()
    if (this.at + length > this.bytes.length) throw new Error('tile cut short')
    return this.bytes.subarray(this.at, (this.at += length))
  }

  number(bytes: 4 | 8): number {
    const value = bytes === 4 ? this.view.getFloat32(this.at, true) : this.view.getFloat64(this.at, true)
    this.at += bytes
    return value
  }

  packed(): number[] {
    const inner = new Reader(this.part())
    const found: number[] = []
    while (inner.at < inner.bytes.length) found.push(inner.varint())
    return found
  }

  private skip(wire: number): void {
    if (wire === 0) this.varint()
    else if (wire === 2) this.part()
    else this.at += wire === 1 ? 8 : 4
  }
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const signed = (n: number) => (n % 2 ? -(n + 1) / 2 : n / 2)

/** The layers by name; of no others than `wanted`. */
export function readTile(bytes: Uint8Array, wanted: (layer: string) => boolean): Map<string, Layer> {
  const found = new Map<string, Layer>()
  new Reader(bytes).fields((field, reader) => {
    if (field !== 3) return
    const layer = readLayer(reader.part(), wanted)
    if (layer) found.set(layer.name, layer)
  })
  return found
}

function readLayer(bytes: Uint8Array, wanted: (layer: string) => boolean): (Layer & { name: string }) | undefined {
  let name = ''
  let extent = 4096
  const raw: Uint8Array[] = []
  const keys: string[] = []
  const values: (string | number | boolean)[] = []
  new Reader(bytes).fields((field, reader) => {
    if (field === 1) name = text(reader.part())
    else if (field === 2) raw.push(reader.part())
    else if (field === 3) keys.push(text(reader.part()))
    else if (field === 4) values.push(readValue(reader.part()))
    else if (field === 5) extent = reader.varint()
  })
  return wanted(name) ? { name, extent, features: raw.map((part) => readFeature(part, keys, values)) } : undefined
}

function readValue(bytes: Uint8Array): string | number | boolean {
  let value: string | number | boolean = ''
  new Reader(bytes).fields((field, reader) => {
    if (field === 1) value = text(reader.part())
    else if (field === 2 || field === 3) value = reader.number(field === 2 ? 4 : 8)
    else if (field === 4 || field === 5) value = reader.varint()
    else if (field === 6) value = signed(reader.varint())
    else if (field === 7) value = reader.varint() === 1
  })
  return value
}

function readFeature(bytes: Uint8Array, keys: string[], all: (string | number | boolean)[]): Feature {
  let type: Feature['type'] = 'point'
  let parts: number[][] = []
  const values: Feature['values'] = {}
  new Reader(bytes).fields((field, reader) => {
    if (field === 2) {
      const tags = reader.packed()
      for (let i = 0; i + 1 < tags.length; i += 2) values[keys[tags[i]!]!] = all[tags[i + 1]!]!
    } else if (field === 3) type = TYPES[reader.varint()] ?? 'point'
    else if (field === 4) parts = readParts(reader.packed())
  })
  return { type, values, parts }
}

/** Commands: 1 move to, 2 line to, 7 close. */
function readParts(commands: number[]): number[][] {
  const parts: number[][] = []
  let [x, y] = [0, 0]
  for (let i = 0; i < commands.length; ) {
    const [command, times] = [commands[i]! & 7, commands[i]! >> 3]
    i += 1
    if (command === 7) continue
    for (let n = 0; n < times && i + 1 < commands.length; n += 1, i += 2) {
      x += signed(commands[i]!)
      y += signed(commands[i + 1]!)
      if (command === 1) parts.push([])
      parts.at(-1)?.push(x, y)
    }
  }
  return parts
}
