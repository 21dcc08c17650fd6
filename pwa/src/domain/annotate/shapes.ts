/** What is drawn on a copy of a photo. Places in pixels of the copy. Pure. */
export type Tool = 'arrow' | 'box' | 'text' | 'blur'

export interface Shape {
  tool: Tool
  /** Where the finger came down, and where it went up. A text stands at the first. */
  at: readonly [number, number, number, number]
  text?: string
}
export interface Size {
  width: number
  height: number
}

/** Long side of a copy in pixels: enough to read a label, and small in memory. */
export const LONG_SIDE = 2048
/** A mark smaller than this part of the long side was a touch by mistake. */
const LEAST = 0.02

export function copySize({ width, height }: Size): Size {
  const scale = Math.min(1, LONG_SIDE / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

/** What is being drawn on a photo, as it is kept until the copy is. */
export interface Drawn {
  shapes: Shape[]
  tool: Tool
  /** Width of the copy that the places are in. */
  width: number
}

/** The marks at their places in a copy of this width: the server's view of a photo may be smaller than the photo. */
export function placedIn({ shapes, width }: Drawn, wanted: number): Shape[] {
  const scale = wanted / width
  return shapes.map((shape) => ({ ...shape, at: shape.at.map((value) => value * scale) as unknown as Shape['at'] }))
}

/** Whether a mark is large enough to be meant, or says something. */
export function meant({ tool, at: [x1, y1, x2, y2], text }: Shape, { width, height }: Size): boolean {
  if (tool === 'text') return Boolean(text?.trim())
  const least = LEAST * Math.max(width, height)
  return tool === 'arrow' ? Math.hypot(x2 - x1, y2 - y1) >= least : Math.abs(x2 - x1) >= least && Math.abs(y2 - y1) >= least
}

/** Left, top, width and height, within the picture and on whole pixels. */
export function area({ at: [x1, y1, x2, y2] }: Shape, { width, height }: Size): { x: number; y: number; w: number; h: number } {
  const within = (value: number, most: number) => Math.round(Math.min(Math.max(value, 0), most))
  const [left, right] = [within(Math.min(x1, x2), width), within(Math.max(x1, x2), width)]
  const [top, bottom] = [within(Math.min(y1, y2), height), within(Math.max(y1, y2), height)]
  return { x: left, y: top, w: right - left, h: bottom - top }
}

/** How many fields a blurred area has across and down: at most four along its short side, so that no writing stays. */
export function fields(w: number, h: number): { across: number; down: number } {
  const side = Math.max(1, Math.min(w, h) / 4)
  return { across: Math.max(1, Math.round(w / side)), down: Math.max(1, Math.round(h / side)) }
}

/** The two ends of an arrow's head, for an arrow that points at its second place. */
export function headOf([x1, y1, x2, y2]: Shape['at'], length: number): [[number, number], [number, number]] {
  const angle = Math.atan2(y2 - y1, x2 - x1)
  const end = (turn: number): [number, number] => [x2 - length * Math.cos(angle + turn), y2 - length * Math.sin(angle + turn)]
  return [end(0.5), end(-0.5)]
}
