/** Draws the base map beneath what stands on it: land, water, buildings, roads, names of places. Quiet, in light and dark. */
import { type Point, project } from '@/domain/geo/earth'
import { toGcj02 } from '@/domain/geo/gcj02'
import type { Size, View } from '@/domain/geo/view'

import type { Opened } from './pieces'
import { type Feature, readTile } from './tile'

/** Pixels that a tile is wide at its own zoom: half the detail of a 256-pixel tile's would crowd a phone. */
const TILE_PX = 512
const HELD_TILES = 48
const MOST_NAMES = 40

type Part = 'green' | 'built' | 'water' | 'river' | 'houses' | 'rail' | 'path' | 'road' | 'main'
interface Name extends Point2 {
  text: string
  text_en: string
  rank: number
}
interface Point2 {
  x: number
  y: number
}
interface Drawn {
  extent: number
  paths: Map<Part, Path2D>
  names: Name[]
}

const COLOURS: Record<'light' | 'dark', Record<Part | 'land' | 'edge' | 'text' | 'halo', string>> = {
  light: { land: '#f4f2ec', green: '#dfead6', built: '#ebe8e1', water: '#bcd7ea', river: '#bcd7ea', houses: '#dcd7cd', rail: '#aaa69d', path: '#d9d3c6', road: '#ffffff', main: '#fbe3a4', edge: '#c9c3b6', text: '#4a4f57', halo: '#f8f6f1' },
  dark: { land: '#1d2226', green: '#222d26', built: '#23282d', water: '#1b3347', river: '#1b3347', houses: '#2d3338', rail: '#4b5259', path: '#31383e', road: '#3d454c', main: '#5a5138', edge: '#14181b', text: '#b9c1c9', halo: '#171b1f' },
}
const ORDER: readonly Part[] = ['built', 'green', 'water', 'river', 'houses', 'path', 'rail', 'road', 'main']
/** Pixels at zoom 14 and above; less further away. */
const WIDTHS: Partial<Record<Part, number>> = { river: 2, rail: 1.5, path: 1.5, road: 4, main: 6 }

/** Layers of the Protomaps basemap and of OpenMapTiles. */
const LAYERS = /^(landuse|landcover|park|water|waterway|buildings?|roads|transportation|places?)$/
const GREEN = /forest|wood|park|grass|scrub|farm|orchard|garden|nature|cemetery|golf|meadow|wetland/
const MAIN = /^(highway|major_road|motorway|trunk|primary|secondary)/
const PATH = /^(path|track|footway|pedestrian|other|service)/

function partOf(layer: string, { type, values }: Feature): Part | undefined {
  const kind = String(values.kind ?? values.class ?? '')
  if (layer === 'roads' || layer === 'transportation') return type !== 'line' ? undefined : /rail|transit/.test(kind) ? 'rail' : MAIN.test(kind) ? 'main' : PATH.test(kind) ? 'path' : 'road'
  if (layer.startsWith('water')) return type === 'area' ? 'water' : type === 'line' ? 'river' : undefined
  if (type !== 'area') return undefined
  if (layer.startsWith('building')) return 'houses'
  return layer === 'park' || GREEN.test(kind) ? 'green' : layer === 'landuse' && /residential|industrial|commercial|urban|school|hospital/.test(kind) ? 'built' : undefined
}

const RANKS = ['city', 'locality', 'town', 'village', 'suburb', 'neighbourhood', 'hamlet']

function build(bytes: Uint8Array): Drawn {
  const drawn: Drawn = { extent: 4096, paths: new Map(), names: [] }
  for (const [name, layer] of readTile(bytes, (one) => LAYERS.test(one))) {
    drawn.extent = layer.extent
    for (const feature of layer.features) {
      if (name.startsWith('place')) addName(drawn, feature)
      const part = partOf(name, feature)
      if (!part) continue
      const path = drawn.paths.get(part) ?? new Path2D()
      drawn.paths.set(part, path)
      for (const points of feature.parts) {
        for (let i = 0; i < points.length; i += 2) path[i === 0 ? 'moveTo' : 'lineTo'](points[i]!, points[i + 1]!)
        if (feature.type === 'area') path.closePath()
      }
    }
  }
  return drawn
}

function addName(drawn: Drawn, { type, values, parts: [at] }: Feature): void {
  const text = String(values['name:zh-Hans'] ?? values['name:zh'] ?? values.name ?? '')
  const kind = String(values.kind_detail ?? values.kind ?? values.class ?? '')
  if (type !== 'point' || !text || !at || /country|state|region/.test(kind)) return
  const rank = RANKS.indexOf(kind)
  drawn.names.push({ text, text_en: String(values['name:en'] ?? values.name ?? text), x: at[0]!, y: at[1]!, rank: rank < 0 ? RANKS.length : rank })
}

export class BaseLayer {
  private readonly held = new Map<string, Drawn | null>()

  /** Called when something more can be drawn. */
  more: () => void = () => {}

  constructor(
    private readonly map: Opened,
    private readonly english: boolean,
  ) {}

  /** Where a position stands on this map. */
  seen(at: Point): Point {
    return this.map.about.datum === 'gcj02' ? toGcj02(at) : at
  }

  /** `view` as `seen` has it. Gives how many tiles it drew. */
  draw(context: CanvasRenderingContext2D, view: View, size: Size, look: 'light' | 'dark'): number {
    const colours = COLOURS[look]
    context.fillStyle = colours.land
    context.fillRect(0, 0, size.width, size.height)
    const shown = this.shown(view, size)
    const wide = Math.max(0.25, Math.min(2, 2 ** ((view.zoom - 14) / 2)))
    const dots = context.getTransform().a
    const whole = (at: number) => Math.round(at * dots) / dots // else a seam shows where two tiles meet within a pixel
    context.lineJoin = context.lineCap = 'round'
    for (const part of ORDER)
      for (const { drawn, x, y, px } of shown) {
        const path = drawn.paths.get(part)
        if (!path) continue
        const scale = px / drawn.extent
        context.save()
        context.beginPath()
        context.rect(whole(x), whole(y), whole(x + px) - whole(x), whole(y + px) - whole(y))
        context.clip() // tiles reach over their edges
        context.translate(x, y)
        context.scale(scale, scale)
        const width = WIDTHS[part]
        if (width === undefined) {
          context.fillStyle = colours[part]
          context.fill(path, 'evenodd')
        } else {
          if (part === 'main' || part === 'road') this.line(context, path, colours.edge, (width * wide + 1.5) / scale)
          this.line(context, path, colours[part], Math.max(0.75, width * wide) / scale)
        }
        context.restore()
      }
    this.names(context, shown, size, colours)
    return shown.length
  }

  private line(context: CanvasRenderingContext2D, path: Path2D, colour: string, width: number): void {
    context.strokeStyle = colour
    context.lineWidth = width
    context.stroke(path)
  }

  private names(context: CanvasRenderingContext2D, shown: ReturnType<BaseLayer['shown']>, size: Size, colours: Record<'text' | 'halo', string>): void {
    const all = shown.flatMap(({ drawn, x, y, px }) => drawn.names.map((name) => ({ ...name, x: x + (name.x / drawn.extent) * px, y: y + (name.y / drawn.extent) * px })))
    const taken: { x: number; y: number; half: number }[] = []
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    for (const name of all.sort((a, b) => a.rank - b.rank)) {
      if (taken.length >= MOST_NAMES || name.x < 0 || name.y < 0 || name.x > size.width || name.y > size.height) continue
      const text = this.english ? name.text_en : name.text
      context.font = `${name.rank < 2 ? 600 : 400} ${name.rank < 2 ? 15 : 13}px system-ui, sans-serif`
      const half = context.measureText(text).width / 2 + 8
      if (taken.some((other) => Math.abs(other.x - name.x) < other.half + half && Math.abs(other.y - name.y) < 24)) continue
      taken.push({ x: name.x, y: name.y, half })
      context.lineWidth = 4
      context.strokeStyle = colours.halo
      context.strokeText(text, name.x, name.y)
      context.fillStyle = colours.text
      context.fillText(text, name.x, name.y)
    }
  }

  private shown(view: View, size: Size): { drawn: Drawn; x: number; y: number; px: number }[] {
    const { minZoom, maxZoom } = this.map.tiles
    const z = Math.max(minZoom, Math.min(maxZoom, Math.round(view.zoom + Math.log2(256 / TILE_PX))))
    const px = (256 * 2 ** view.zoom) / 2 ** z
    const middle = project(view)
    const [left, top] = [middle.x * 2 ** z - size.width / 2 / px, middle.y * 2 ** z - size.height / 2 / px]
    const found = []
    for (let x = Math.floor(left); x < left + size.width / px; x += 1)
      for (let y = Math.floor(top); y < top + size.height / px; y += 1) {
        const drawn = this.tile(z, x, y)
        if (drawn) found.push({ drawn, x: (x - left) * px, y: (y - top) * px, px })
      }
    return found
  }

  private tile(z: number, x: number, y: number): Drawn | null {
    if (x < 0 || y < 0 || x >= 2 ** z || y >= 2 ** z) return null
    const key = `${z} ${x} ${y}`
    const known = this.held.get(key)
    if (known !== undefined) {
      this.held.delete(key)
      this.held.set(key, known)
      return known
    }
    this.held.set(key, null)
    this.map.tiles.tile(z, x, y).then(
      (bytes) => {
        if (!bytes) return
        this.held.set(key, build(bytes))
        this.more()
      },
      () => setTimeout(() => this.held.delete(key), 5_000), // the desk without a network: asked again when looked at later
    )
    if (this.held.size > HELD_TILES) this.held.delete(this.held.keys().next().value!)
    return null
  }
}
