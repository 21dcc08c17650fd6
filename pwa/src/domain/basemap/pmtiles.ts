/** Reads a PMTiles file, version 3 (github.com/protomaps/PMTiles, spec/v3): which bytes of it are the tile asked for. */

/** Bytes of the file; rejects when they cannot be had. */
export type Read = (offset: number, length: number) => Promise<Uint8Array>

interface Entry {
  tile: number
  offset: number
  length: number
  /** How many tiles in a row have these bytes; 0: a directory below this one. */
  run: number
}

const HEADER = 127
const DEEPEST = 4
const GZIP = 2

/** Place of a tile along the Hilbert curve, all tiles of the zooms above it before it. */
export function tileId(z: number, x: number, y: number): number {
  let id = (4 ** z - 1) / 3
  let [a, b] = [x, y]
  for (let s = 2 ** (z - 1); s >= 1; s /= 2) {
    const [rx, ry] = [a & s ? 1 : 0, b & s ? 1 : 0]
    id += s * s * ((3 * rx) ^ ry)
    a &= s - 1
    b &= s - 1
    if (ry === 0) {
      if (rx === 1) [a, b] = [s - 1 - a, s - 1 - b]
      ;[a, b] = [b, a]
    }
  }
  return id
}

export class PMTiles {
  private readonly known = new Map<number, Promise<Entry[]>>()

  private constructor(
    private readonly read: Read,
    readonly minZoom: number,
    readonly maxZoom: number,
    private readonly at: { root: number; rootLength: number; leaves: number; tiles: number; packed: number; tilesPacked: number },
  ) {}

  static async open(read: Read): Promise<PMTiles> {
    const bytes = await read(0, HEADER)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (new TextDecoder().decode(bytes.subarray(0, 7)) !== 'PMTiles' || bytes[7] !== 3) throw new Error('no PMTiles v3 file')
    const at = (offset: number) => Number(view.getBigUint64(offset, true))
    return new PMTiles(read, bytes[100]!, bytes[101]!, { root: at(8), rootLength: at(16), leaves: at(40), tiles: at(56), packed: bytes[97]!, tilesPacked: bytes[98]! })
  }

  /** The tile, unpacked; undefined: the file has none there. */
  async tile(z: number, x: number, y: number): Promise<Uint8Array | undefined> {
    return this.find(tileId(z, x, y))
  }

  /** The first tile of the file. */
  async first(): Promise<Uint8Array | undefined> {
    const [entry] = await this.directory(this.at.root, this.at.rootLength)
    return entry && this.find(entry.tile)
  }

  private async find(id: number): Promise<Uint8Array | undefined> {
    let [offset, length] = [this.at.root, this.at.rootLength]
    for (let depth = 0; depth < DEEPEST; depth += 1) {
      const entry = (await this.directory(offset, length)).findLast(({ tile }) => tile <= id)
      if (!entry) return undefined
      if (entry.run > 0) return id < entry.tile + entry.run ? unpacked(await this.read(this.at.tiles + entry.offset, entry.length), this.at.tilesPacked) : undefined
      ;[offset, length] = [this.at.leaves + entry.offset, entry.length]
    }
    return undefined
  }

  private directory(offset: number, length: number): Promise<Entry[]> {
    let found = this.known.get(offset)
    if (!found) {
      found = this.read(offset, length).then((bytes) => unpacked(bytes, this.at.packed)).then(entries)
      found.catch(() => this.known.delete(offset))
      this.known.set(offset, found)
    }
    return found
  }
}

function entries(bytes: Uint8Array): Entry[] {
  let at = 0
  const next = (): number => {
    let [value, factor] = [0, 1]
    for (;;) {
      const byte = bytes[at++]
      if (byte === undefined) throw new Error('directory cut short')
      value += (byte & 127) * factor
      if (byte < 128) return value
      factor *= 128
    }
  }
  const n = next()
  const column = () => Array.from({ length: n }, next)
  const [deltas, runs, lengths, offsets] = [column(), column(), column(), column()]
  let tile = 0
  let end = 0
  return deltas.map((delta, i) => {
    tile += delta
    const offset = offsets[i] === 0 ? end : offsets[i]! - 1
    end = offset + lengths[i]!
    return { tile, offset, length: lengths[i]!, run: runs[i]! }
  })
}

async function unpacked(bytes: Uint8Array, how: number): Promise<Uint8Array> {
  if (how !== GZIP) return bytes
  return new Uint8Array(await new Response(new Response(bytes as Uint8Array<ArrayBuffer>).body!.pipeThrough(new DecompressionStream('gzip'))).arrayBuffer())
}
